package site

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// link is a text and where it leads, "" for nowhere.
type link struct{ Text, Href string }

// release is what the page of a release shows.
type release struct {
	index.Release
	Name                      string
	Path                      string // of its page
	FilesPath                 string
	Archive                   string
	Newest                    bool
	Contents                  *contents
	Changes                   []change
	Before                    string // version of the release before
	Kinds                     []string
	Files                     []file
	Day                       string
	Moment                    string
	Bytes                     string
	Proof                     *proof
	Results                   []testResult
	NewestVersion, NewestPath string
}

// file is one row of the files of a release.
type file struct {
	Path   string
	Anchor string
	Bytes  string
	HTML   string
	Note   string
}

// printKube draws all pages of a Kube: its own, and two for each release.
func printKube(ctx context.Context, p *printer, c *catalog, k *entry) error {
	doc, err := readDocument(ctx, p.Read, k.Line)
	if err != nil {
		return err
	}
	readme, err := newMarkdown().readme(doc.Readme)
	if err != nil {
		return err
	}
	common := map[string]any{
		"k": k, "readme": readme, "maintainers": maintainers(k.Maintainers), "home": webAddress(k.Home),
		"keywords": keywordLinks(k), "dependencies": dependencyLinks(c, k), "dependents": dependentLinks(k),
		"edit": editAddress(p.Source, k.Name), "report": reportAddress(p.Source), "document": index.ObjectPath(k.Doc.SHA256),
	}
	var versions []*release
	for _, r := range doc.Releases {
		versions = append(versions, newRelease(k, r))
	}
	// Of each release its own contents are needed, and those of the one before:
	// never more than two at once.
	at, err := open(ctx, p.Read, k.Name, versions[0].Release)
	if err != nil {
		return err
	}
	for i := range versions {
		r := *versions[i]
		var before *contents
		if i+1 < len(versions) {
			r.Before = versions[i+1].Version
			if before, err = open(ctx, p.Read, k.Name, versions[i+1].Release); err != nil {
				return err
			}
		}
		r.fill(at, before)
		if err := r.prove(ctx, p.Repository); err != nil {
			return err
		}
		if err := printRelease(p, k, &r, versions, common); err != nil {
			return err
		}
		at = before
	}
	return nil
}

// printRelease draws the pages of a release, and those of its Kube if it is the newest.
func printRelease(p *printer, k *entry, r *release, versions []*release, common map[string]any) error {
	values := clone(common)
	values["r"], values["install"] = r, installCommand(r)
	if r.Newest {
		if err := printVersions(p, k, versions, values); err != nil {
			return err
		}
	}
	if err := p.page(r.Path, "release.html", k.Name+" "+r.Version, values); err != nil {
		return err
	}
	return printFiles(p, k, r)
}

// printVersions draws the page of a Kube; what its versions do not fit on that is on
// pages of their own.
func printVersions(p *printer, k *entry, versions []*release, values map[string]any) error {
	return pagesOf(len(versions), func(n int) string {
		if n == 1 {
			return kubePath(k.Name)
		}
		return versionsPath(k.Name, n)
	}, func(path string, from, to int, around pager) error {
		v := clone(values)
		v["releases"], v["pager"] = versions[from:to], around
		if around.Page == 1 {
			return p.page(path, "kube.html", k.Name, v)
		}
		return p.page(path, "versions.html", fmt.Sprintf("Versions of %s, page %d", k.Name, around.Page), v)
	})
}

func installCommand(r *release) string {
	if r.Newest {
		return "$ kpm install " + r.Name
	}
	return "$ kpm install " + r.Name + "@" + r.Version
}

func clone(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+8)
	for key, v := range m {
		out[key] = v
	}
	return out
}

// newRelease is what a document says of a release.
func newRelease(k *entry, r index.Release) *release {
	out := &release{
		Release: r, Name: k.Name, Path: releasePath(k.Name, r.Version), FilesPath: filesPath(k.Name, r.Version), Newest: r.Version == k.Version,
		Day: r.Built.Format(time.DateOnly), Moment: r.Built.Format(time.RFC3339), Bytes: bytesText(r.Size),
		NewestVersion: k.Version, NewestPath: kubePath(k.Name),
	}
	if r.Withdrawn == "" {
		out.Archive = index.ArchivePath(k.Name, r.Version)
	}
	return out
}

// fill adds what the archive of a release says, and what it changed since the
// one before. A withdrawn release has none.
func (r *release) fill(c, before *contents) {
	r.Contents, r.Changes = c, changes(before, c)
	if c == nil {
		return
	}
	r.Kinds = c.kinds()
	for i, f := range c.kube.Files {
		r.Files = append(r.Files, file{Path: f.Path, Anchor: fmt.Sprintf("file-%d", i+1), Bytes: bytesText(int64(len(f.Data)))})
	}
}

// prove adds what the attestations of a release say. A withdrawn one has none that anybody
// can compare with an archive.
func (r *release) prove(ctx context.Context, from Repository) (err error) {
	if r.Withdrawn != "" {
		return nil
	}
	if r.Proof, err = proofOf(ctx, from, r.Name, r.Release); err != nil {
		return err
	}
	r.Results, err = openResults(ctx, from, r.Name, r.Release)
	return err
}

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

// maintainers are names, with an address where they gave one: "A <a@b.org>".
func maintainers(texts []string) []link {
	var out []link
	for _, text := range texts {
		name, rest, ok := strings.Cut(text, "<")
		address, _, closed := strings.Cut(rest, ">")
		switch {
		case ok && closed && strings.Contains(address, "@"):
			out = append(out, link{strings.TrimSpace(name), webAddress("mailto:" + address)})
		case ok && closed:
			out = append(out, link{strings.TrimSpace(name), webAddress(address)})
		default:
			out = append(out, link{text, webAddress(text)})
		}
	}
	return out
}

func keywordLinks(k *entry) []link {
	var out []link
	for _, word := range k.Keywords {
		out = append(out, link{word, keywordFolder(word) + "/index.html"})
	}
	return out
}

// dependency is one row of what a Kube needs.
type dependency struct {
	link
	Version string
}

func dependencyLinks(c *catalog, k *entry) []dependency {
	var out []dependency
	for _, d := range k.Dependencies {
		href := ""
		if c.byName[d.Name] != nil {
			href = kubePath(d.Name)
		}
		out = append(out, dependency{link{d.Name, href}, d.Version})
	}
	return out
}

// dependentLinks are the Kubes that need a Kube.
func dependentLinks(k *entry) []link {
	var out []link
	for _, name := range k.dependents {
		out = append(out, link{name, kubePath(name)})
	}
	return out
}

// editAddress is where a Kube's folder can be changed.
func editAddress(from, name string) string {
	source := webAddress(from)
	if source == "" {
		return ""
	}
	return strings.TrimSuffix(source, "/") + "/tree/HEAD/packages/" + name
}

// reportAddress is where a fault of a Kube is told.
func reportAddress(from string) string {
	source := webAddress(from)
	if source == "" {
		return ""
	}
	return strings.TrimSuffix(source, "/") + "/issues/new"
}

// bytesText is a size for people, in decimal units.
func bytesText(n int64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
