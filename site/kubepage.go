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
	Bundle                    string
	Newest                    bool
	Contents                  *contents
	Changes                   []change
	Before                    string // version of the release before
	Kinds                     []string
	Files                     []file
	Day                       string
	Moment                    string
	Bytes                     string
	Commit                    string
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

// kube draws all pages of a Kube: its own, and two for each release.
func printKube(ctx context.Context, p *printer, c *catalog, k *entry) error {
	readme, err := newMarkdown().readme(k.doc.Readme)
	if err != nil {
		return err
	}
	releases, err := readReleases(ctx, p.Read, k)
	if err != nil {
		return err
	}
	common := map[string]any{
		"k": k, "readme": readme, "releases": releases, "maintainers": maintainers(k.Maintainers), "home": webAddress(k.Home),
		"keywords": keywordLinks(k), "dependencies": dependencyLinks(c, k), "dependents": k.dependents,
		"edit": editAddress(p.Source, k.Name), "report": reportAddress(p.Source), "document": index.ObjectPath(k.Doc.SHA256),
	}
	for i, r := range releases {
		values := clone(common)
		values["r"], values["install"] = r, installCommand(r)
		if r.Newest {
			if err := p.page(kubePath(k.Name), "kube.html", k.Name, clone(values)); err != nil {
				return err
			}
		}
		if err := p.page(r.Path, "release.html", k.Name+" "+r.Version, values); err != nil {
			return err
		}
		if err := printFiles(p, k, r); err != nil {
			return err
		}
		releases[i].Files = nil
	}
	return nil
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

// releases reads every release of a Kube, newest first.
func readReleases(ctx context.Context, read Reader, k *entry) ([]*release, error) {
	var list []*release
	for _, r := range k.doc.Releases {
		c, err := open(ctx, read, k.Name, r)
		if err != nil {
			return nil, err
		}
		list = append(list, newRelease(k, r, c))
	}
	for i, r := range list[:max(len(list)-1, 0)] {
		r.Before = list[i+1].Version
		r.Changes = changes(list[i+1].Contents, r.Contents)
	}
	return list, nil
}

func newRelease(k *entry, r index.Release, c *contents) *release {
	out := &release{
		Release: r, Name: k.Name, Path: releasePath(k.Name, r.Version), FilesPath: filesPath(k.Name, r.Version), Newest: r.Version == k.Version, Contents: c,
		Day: r.Built.Format(time.DateOnly), Moment: r.Built.Format(time.RFC3339), Bytes: bytesText(r.Size),
		NewestVersion: k.Version, NewestPath: kubePath(k.Name),
	}
	if r.Withdrawn == "" {
		out.Archive = index.ArchivePath(k.Name, r.Version)
	}
	for _, a := range r.Attestations {
		if a.Path == index.ProvenancePath(k.Name, r.Version) {
			out.Bundle = a.Path
		}
	}
	if len(r.Commit) >= 12 {
		out.Commit = r.Commit[:12]
	}
	if c == nil {
		return out
	}
	out.Kinds = c.kinds()
	for i, f := range c.kube.Files {
		out.Files = append(out.Files, file{Path: f.Path, Anchor: fmt.Sprintf("file-%d", i+1), Bytes: bytesText(int64(len(f.Data)))})
	}
	return out
}

// filesPage shows every file of a release.
func printFiles(p *printer, k *entry, r *release) error {
	if r.Contents == nil {
		return nil
	}
	for i, f := range r.Contents.kube.Files {
		row := &r.Files[i]
		text := string(f.Data)
		switch {
		case !utf8.Valid(f.Data):
			row.Note = "This file is not text; it is in the archive."
			continue
		case len(f.Data) > maxShown:
			text = strings.ToValidUTF8(text[:maxShown], "")
			row.Note = "Only the beginning is shown; the whole file is in the archive."
		}
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
