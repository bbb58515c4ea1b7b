package site

import (
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

// file is one row of the files of a release.
type file struct {
	Path   string
	Anchor string
	Bytes  string
	HTML   string
	Note   string
	Href   string // the page of all files
}

func (f file) size() int { return 100 + weigh(f.Path, f.Bytes) }

// printFiles shows every file of a release on one page. What a version holds never
// changes, so a page that is there stays.
func printFiles(p *printer, k *entry, r *release) error {
	if r.Contents == nil {
		return nil
	}
	if kept, err := p.keep(r.FilesPath); kept || err != nil {
		return err
	}
	left := maxFilesShown
	for i, f := range r.Contents.kube.Files {
		row := &r.Files[i]
		text := string(f.Data)
		switch {
		case !utf8.Valid(f.Data):
			row.Note = "This file is not text; it is in the archive."
			continue
		case len(text) > left:
			row.Note = "There is no room for this file; it is in the archive."
			continue
		case len(text) > maxShown:
			text = strings.ToValidUTF8(text[:maxShown], "")
			row.Note = "Only the beginning is shown; the whole file is in the archive."
		}
		left -= len(text)
		html, err := highlight(f.Path, kube.Clean(text, true))
		if err != nil {
			return err
		}
		row.HTML = html
	}
	return p.page(r.FilesPath, "files.html", "Files of "+k.Name+" "+r.Version, map[string]any{"k": k, "r": r})
}
