package site

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"regexp"
	"strings"

	"github.com/flosch/pongo2/v6"

	"github.com/kpm-sh/kpm/internal/pagelist"
)

//go:embed templates
var templateFiles embed.FS

// templates are the pongo2 templates of the pages. Values are escaped as HTML
// text; pongo2 does not know where they stand, so an address is passed through
// webAddress before it gets there.
type templates struct{ set *pongo2.TemplateSet }

func newTemplates() (*templates, error) {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, err
	}
	return &templates{pongo2.NewSet("site", inlining{files})}, nil
}

// inlining reads templates with those that they include in their places, and without the
// blanks before a tag and the end of the line after it. pongo2 copies all values for each
// template that it includes itself, which is a tenth of the drawing; and it strips blanks
// anew at each drawing, of what other goroutines draw, so that pages differed.
type inlining struct{ files fs.FS }

func (inlining) Abs(_, name string) string { return name }

func (l inlining) Get(name string) (io.Reader, error) {
	data, err := fs.ReadFile(l.files, name)
	if err != nil {
		return nil, err
	}
	var fault error
	text := included.ReplaceAllFunc(data, func(tag []byte) []byte {
		part, err := l.Get(string(included.FindSubmatch(tag)[1]))
		if err != nil {
			fault = err
			return nil
		}
		whole, err := io.ReadAll(part)
		fault = errors.Join(fault, err)
		return whole
	})
	return bytes.NewReader(blanks.ReplaceAll(text, []byte("$1"))), fault
}

var (
	included = regexp.MustCompile(`\{% include "([a-z]+\.html)" %\}`)
	blanks   = regexp.MustCompile(`[ \t]*(\{%[^%]*%\})\n?`)
)

// draw executes a template. A panic of pongo2 is an error.
func (t *templates) draw(name string, values map[string]any) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("drawing %s: %v", name, r)
		}
	}()
	page, err := t.set.FromCache(name)
	if err != nil {
		return nil, fmt.Errorf("reading template %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := page.ExecuteWriter(values, &out); err != nil {
		return nil, fmt.Errorf("drawing %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// printer makes pages and hands them on.
type printer struct {
	Repository
	templates *templates
	emit      func(Page) error
	before    *catalog // what the pages show that are there
}

// root is the way from a page to the root of the site. A server shows the page of what
// is not there at any address, so that one alone names the root from the top.
func (p *printer) root(path string) string {
	if path != lostPath {
		return root(path)
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		return "/"
	}
	return strings.TrimSuffix(u.EscapedPath(), "/") + "/"
}

// keep keeps pages of before, if they are there.
func (p *printer) keep(path string) (bool, error) {
	if p.Keep == nil || p.Before == nil {
		return false, nil
	}
	return p.Keep(path)
}

// page draws a template as the page at path. What every page shows is added.
func (p *printer) page(path, template, title string, values map[string]any) error {
	if values == nil {
		values = map[string]any{}
	}
	values["root"] = p.root(path)
	values["title"] = title
	values["repository"] = p.Head.Repository
	values["url"], values["generator"] = p.URL, pagelist.Generator
	values["signers"] = indexSigners(p.Trust)
	values["here"], _, _ = strings.Cut(path, "/")
	data, err := p.templates.draw(template, values)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return p.emit(Page{Path: path, Data: data})
}

func clone(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+8)
	maps.Copy(out, m)
	return out
}
