package pagelist

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/kpm-sh/kpm/internal/gzipped"
	"github.com/kpm-sh/kpm/internal/index"
)

// Schema is the schema word of the contents.
const Schema = "kpm.pages/v1"

// Caps that hold whatever a head says.
const (
	MaxPage = 16 << 20 // bytes of one page
	maxPath = 512      // bytes of its path

	// maxPages is how many pages a part has at most, whatever their paths.
	maxPages = 2048
)

// Page is one file of the web site.
type Page struct {
	Path string `json:"path"` // relative to the root of the site
	index.Ref
}

// contents are the parts of a list. First of a part is the path of its first
// page.
type contents struct {
	Schema string       `json:"schema"`
	Drawn  string       `json:"drawn,omitempty"` // by what, and with which settings: for who draws them again
	Parts  []index.Part `json:"parts"`
}

// part is the form of a part.
type part struct {
	Pages []Page `json:"pages"`
}

// Encode writes a list, in any order, as objects: the parts, and the contents,
// which a head names. The same pages give the same bytes. Parts that a list from before,
// which may be nil, has with the same pages are taken from it.
func Encode(pages []Page, drawn string, before *List) (root index.Object, parts []index.Object, err error) {
	pages = slices.Clone(pages)
	slices.SortFunc(pages, func(a, b Page) int { return strings.Compare(a.Path, b.Path) })
	c := contents{Schema: Schema, Drawn: drawn, Parts: []index.Part{}}
	for len(pages) > 0 {
		n := cut(pages)
		one, ok := before.part(pages[:n])
		if !ok {
			if one, err = encodePart(pages[:n]); err != nil {
				return index.Object{}, nil, err
			}
		}
		c.Parts, parts, pages = append(c.Parts, one.as), append(parts, one.stored), pages[n:]
	}
	root, _, err = pack(c)
	return root, parts, err
}

// cut is how many of the pages the next part has.
func cut(pages []Page) int {
	for i := range min(len(pages), maxPages) {
		if sum := sha256.Sum256([]byte(pages[i].Path)); sum[0] == 0 {
			return i + 1
		}
	}
	return min(len(pages), maxPages)
}

// encoded is a part: how it is stored, how the contents name it, and its pages.
type encoded struct {
	stored index.Object
	as     index.Part
	pages  []Page
}

func encodePart(pages []Page) (encoded, error) {
	if err := checkPages(pages); err != nil {
		return encoded{}, fmt.Errorf("writing the list of pages: %w", err)
	}
	o, raw, err := pack(part{pages})
	return encoded{o, index.Part{SHA256: o.SHA256, Size: o.Size, Raw: raw, First: pages[0].Path}, pages}, err
}

// pack writes v as an object; raw is its size unpacked.
func pack(v any) (o index.Object, raw int64, err error) {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return index.Object{}, 0, fmt.Errorf("writing the list of pages: %w", err)
	}
	data, err := gzipped.Pack(text)
	if err != nil {
		return index.Object{}, 0, fmt.Errorf("writing the list of pages: %w", err)
	}
	if len(text) > index.MaxPart {
		return index.Object{}, 0, fmt.Errorf("writing the list of pages: %d bytes exceed %d", len(text), index.MaxPart)
	}
	return index.Object{Ref: index.RefOf(data), Data: data}, int64(len(text)), nil
}

// decode reads the contents. The caller has checked sha256 and size.
func decode(data []byte) (*contents, error) {
	var c contents
	err := unpack(data, index.MaxPart, &c)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of pages: %w: %w", index.ErrFormat, err)
	}
	return &c, nil
}

func unpack(data []byte, limit int64, v any) error {
	raw, err := gzipped.Unpack(data, limit)
	if err != nil {
		return err
	}
	return index.Decode(raw, v)
}

func (c *contents) check() error {
	if c.Schema != Schema {
		return fmt.Errorf("schema is %q, not %q", c.Schema, Schema)
	}
	last := ""
	for _, p := range c.Parts {
		switch {
		case !p.SHA256.Valid():
			return errors.New("sha256 is not a digest")
		case p.Size < 1 || p.Size > index.MaxPart || p.Raw < 1 || p.Raw > index.MaxPart:
			return fmt.Errorf("part of %d bytes, %d raw, exceeds %d", p.Size, p.Raw, index.MaxPart)
		case p.First <= last:
			return fmt.Errorf("first is %q after %q", p.First, last)
		}
		if err := checkPath(p.First); err != nil {
			return err
		}
		last = p.First
	}
	return nil
}

// pages reads part i. Its pages ascend by path, from First of the part to below
// that of the next one. The caller has checked sha256 and size.
func (c *contents) pages(i int, data []byte) ([]Page, error) {
	var p part
	err := unpack(data, c.Parts[i].Raw, &p)
	if err == nil {
		err = checkPages(p.Pages)
	}
	if err == nil {
		err = c.checkEnds(i, p.Pages)
	}
	if err != nil {
		return nil, fmt.Errorf("reading part %d of the list of pages: %w: %w", i+1, index.ErrFormat, err)
	}
	return p.Pages, nil
}

func (c *contents) checkEnds(i int, pages []Page) error {
	if first := pages[0].Path; first != c.Parts[i].First {
		return fmt.Errorf("its first page is %s, the contents say %s", first, c.Parts[i].First)
	}
	if last := pages[len(pages)-1].Path; i+1 < len(c.Parts) && last >= c.Parts[i+1].First {
		return fmt.Errorf("its last page is %s, and the next part begins with %s", last, c.Parts[i+1].First)
	}
	return nil
}

func checkPages(pages []Page) error {
	if len(pages) == 0 {
		return errors.New("it is empty")
	}
	last := ""
	for _, p := range pages {
		if err := checkPath(p.Path); err != nil {
			return err
		}
		switch {
		case p.Path <= last:
			return fmt.Errorf("%s does not come after %s", p.Path, last)
		case !p.SHA256.Valid() || p.Size > MaxPage:
			return fmt.Errorf("%s has no digest, or %d bytes, more than %d", p.Path, p.Size, MaxPage)
		}
		last = p.Path
	}
	return nil
}

// List is the list of a head, whole.
type List struct {
	Drawn   string      // by what, and with which settings: for who draws the pages again
	Pages   []Page      // ascending by path
	Objects []index.Ref // that hold the list: its contents and its parts

	parts []encoded // ascending by path
}

// part is the part of these pages, if the list has one.
func (l *List) part(pages []Page) (encoded, bool) {
	if l == nil {
		return encoded{}, false
	}
	i, ok := slices.BinarySearchFunc(l.parts, pages[0].Path, func(e encoded, first string) int { return strings.Compare(e.as.First, first) })
	if !ok || !slices.Equal(l.parts[i].pages, pages) {
		return encoded{}, false
	}
	return l.parts[i], true
}

// Read reads the list of a head, nil where it names none. read gives the bytes
// that a ref names, and has checked that they are.
func Read(ctx context.Context, h *index.Head, read func(ctx context.Context, path string, ref index.Ref) ([]byte, error)) (*List, error) {
	ref, ok := h.Site()
	if !ok {
		return nil, nil
	}
	data, err := read(ctx, index.ObjectPath(ref.SHA256), ref)
	if err != nil {
		return nil, fmt.Errorf("reading the list of pages: %w", err)
	}
	c, err := decode(data)
	if err != nil {
		return nil, err
	}
	l := &List{Drawn: c.Drawn, Objects: []index.Ref{ref}}
	for i, p := range c.Parts {
		l.Objects = append(l.Objects, p.Ref())
		data, err := read(ctx, index.ObjectPath(p.SHA256), p.Ref())
		if err != nil {
			return nil, fmt.Errorf("reading part %d of the list of pages: %w", i+1, err)
		}
		pages, err := c.pages(i, data)
		if err != nil {
			return nil, err
		}
		l.Pages = append(l.Pages, pages...)
		l.parts = append(l.parts, encoded{index.Object{Ref: p.Ref(), Data: data}, p, pages})
	}
	return l, nil
}
