package pagelist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/gzipped"
	"github.com/kpm-sh/kpm/internal/index"
)

// pages are a valid list of n Kubes with four pages each.
func pages(n int) []Page {
	var list []Page
	for i := range n {
		for _, at := range []string{"index.html", "1.0.0.html", "2.0.0.html", "files/2.0.0.html"} {
			list = append(list, pageOf(fmt.Sprintf("pages/kube-%d/%s", i, at), "x"))
		}
	}
	return append(list, pageOf("index.html", "x"), pageOf("404.html", "x"), pageOf("assets/site.css", "x"))
}

func pageOf(path, text string) Page {
	return Page{Path: path, Ref: index.RefOf([]byte(text))}
}

// store keeps objects as a site does.
type store map[index.Digest][]byte

func (s store) encode(t *testing.T, list []Page, before *List) (*index.Head, int) {
	t.Helper()
	root, parts, err := Encode(list, "by a test", before)
	if err != nil {
		t.Fatal(err)
	}
	fresh := 0
	for _, o := range append(parts, root) {
		if _, ok := s[o.SHA256]; !ok {
			fresh++
		}
		s[o.SHA256] = o.Data
	}
	h := &index.Head{}
	h.SetSite(root.Ref)
	return h, fresh
}

func (s store) read(_ context.Context, path string, ref index.Ref) ([]byte, error) {
	data, ok := s[ref.SHA256]
	if !ok || path != index.ObjectPath(ref.SHA256) {
		return nil, errors.New("not there")
	}
	return data, ref.Match(data)
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 500} {
		s := store{}
		list := pages(n)
		h, fresh := s.encode(t, list, nil)
		l, err := Read(t.Context(), h, s.read)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(list, func(a, b Page) int { return strings.Compare(a.Path, b.Path) })
		if diff := cmp.Diff(list, l.Pages); diff != "" || l.Drawn != "by a test" {
			t.Errorf("%d Kubes: %s, drawn %q", n, diff, l.Drawn)
		}
		if fresh != len(l.Objects) {
			t.Errorf("%d Kubes: %d objects, %d written", n, len(l.Objects), fresh)
		}
	}
}

// A head that names no list has none.
func TestNoSite(t *testing.T) {
	l, err := Read(t.Context(), &index.Head{}, store{}.read)
	if l != nil || err != nil {
		t.Errorf("got %v %v", l, err)
	}
}

// A changed, a new and a removed page give one part each and the contents, in
// whatever order the pages come.
func TestFewPartsChange(t *testing.T) {
	s := store{}
	list := pages(600)
	first, all := s.encode(t, list, nil)
	before, err := Read(t.Context(), first, s.read)
	if err != nil {
		t.Fatal(err)
	}
	if all < 5 {
		t.Fatalf("%d objects for %d pages", all, len(list))
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if _, fresh := s.encode(t, list, before); fresh != 0 {
		t.Errorf("another order gives %d new objects", fresh)
	}
	for name, change := range map[string]func() []Page{
		"changed": func() []Page { return append(slices.Clone(list[1:]), pageOf(list[0].Path, "y")) },
		"removed": func() []Page { return list[1:] },
		"new":     func() []Page { return append(slices.Clone(list), pageOf("pages/aardvark/index.html", "x")) },
	} {
		h, fresh := s.encode(t, change(), before)
		if fresh > 3 {
			t.Errorf("%s: %d new objects of %d", name, fresh, all)
		}
		anew, _ := s.encode(t, change(), nil)
		got, _ := h.Site()
		if want, _ := anew.Site(); got != want {
			t.Errorf("%s: beside the list from before it is %v, alone %v", name, got, want)
		}
		if l, err := Read(t.Context(), h, s.read); err != nil || len(l.Pages) != len(change()) {
			t.Errorf("%s: read again: %v", name, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	ref := `"sha256":"` + string(index.DigestOf(nil)) + `","size":1`
	one := `{"path":"a",` + ref + `}`
	for name, text := range map[string]string{
		"schema":        `{"schema":"kpm.pages/v2","parts":[]}`,
		"digest":        `{"schema":"kpm.pages/v1","parts":[{"sha256":"x","size":1,"raw":1,"first":"a"}]}`,
		"no size":       `{"schema":"kpm.pages/v1","parts":[{` + ref + `,"raw":0,"first":"a"}]}`,
		"large":         `{"schema":"kpm.pages/v1","parts":[{` + ref + `,"raw":5242881,"first":"a"}]}`,
		"order":         `{"schema":"kpm.pages/v1","parts":[{` + ref + `,"raw":1,"first":"b"},{` + ref + `,"raw":1,"first":"a"}]}`,
		"path":          `{"schema":"kpm.pages/v1","parts":[{` + ref + `,"raw":1,"first":"../a"}]}`,
		"key twice":     `{"schema":"kpm.pages/v1","parts":[],"parts":[]}`,
		"another value": `{"schema":"kpm.pages/v1","parts":[]} {}`,
	} {
		if _, err := decode(packed(t, text)); !errors.Is(err, index.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := decode([]byte("{}")); !errors.Is(err, index.ErrFormat) {
		t.Errorf("not gzip'd: %v", err)
	}
	c := &contents{Parts: []index.Part{{First: "a"}, {First: "c"}}}
	for name, text := range map[string]string{
		"empty":         `{"pages":[]}`,
		"first":         `{"pages":[{"path":"b",` + ref + `}]}`,
		"twice":         `{"pages":[` + one + `,` + one + `]}`,
		"past the next": `{"pages":[` + one + `,{"path":"c",` + ref + `}]}`,
		"no digest":     `{"pages":[{"path":"a"}]}`,
		"large":         `{"pages":[{"path":"a","sha256":"` + string(index.DigestOf(nil)) + `","size":16777217}]}`,
	} {
		c.Parts[0].Raw = int64(len(text))
		if _, err := c.pages(0, packed(t, text)); !errors.Is(err, index.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.Parts[0].Raw = 5
	if _, err := c.pages(0, packed(t, `{"pages":[`+one+`]}`)); !errors.Is(err, index.ErrFormat) {
		t.Errorf("longer than the contents say: %v", err)
	}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	data, err := gzipped.Pack([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestPaths(t *testing.T) {
	for _, good := range []string{"index.html", "pages/a/1.0.0_x.html", "assets/search/w-ab.js", "404.html", "keywords/k-00ff/2.html"} {
		if _, _, err := Encode([]Page{pageOf(good, "x")}, "", nil); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "/a", "a/", "a//b", "..", "a/../v1/index.json", "./a", ".lock", "a/.b", "v1/index.json", "V1/index.json", "objects/ab/c", "kubes/x", "trust/1.json", "images/x",
		"mirror.json", `a\b`, "a:b", "a b", "a\x00", "ä", "a.", strings.Repeat("a", 513),
	} {
		if _, _, err := Encode([]Page{pageOf(bad, "x")}, "", nil); err == nil {
			t.Errorf("%q is written", bad)
		}
		text, err := json.Marshal(map[string]any{"pages": []Page{pageOf(bad, "x")}})
		if err != nil {
			t.Fatal(err)
		}
		c := &contents{Parts: []index.Part{{Raw: 1 << 20, First: bad}}}
		if _, err := c.pages(0, packed(t, string(text))); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func FuzzPages(f *testing.F) {
	for _, seed := range []string{`{"pages":[]}`, `{"schema":"kpm.pages/v1","parts":[]}`} {
		data, err := gzipped.Pack([]byte(seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := decode(data); err != nil && !errors.Is(err, index.ErrFormat) {
			t.Error(err)
		}
		c := &contents{Parts: []index.Part{{Raw: 1 << 20, First: "a"}}}
		if _, err := c.pages(0, data); err != nil && !errors.Is(err, index.ErrFormat) {
			t.Error(err)
		}
	})
}
