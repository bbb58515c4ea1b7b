package indexer_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// drawn publishes with a page for each Kube, by a program of that name. Pages of
// Kubes whose record is the same are kept where they can be.
func drawn(by string, told *[]string) func(*indexer.Options) {
	return func(o *indexer.Options) {
		o.Drawn, o.Draw = by, func(_ context.Context, at *indexer.Opened, pages *indexer.Pages) error {
			before := map[string]string{}
			for _, l := range pages.Before {
				before[l.Name] = string(l.Raw)
			}
			for _, l := range at.Lines {
				if l.Gone != "" {
					continue
				}
				if before[l.Name] == string(l.Raw) {
					kept, err := pages.Keep("pages/" + l.Name + "/")
					if err != nil {
						return err
					}
					if kept {
						continue
					}
				}
				if told != nil {
					*told = append(*told, l.Name)
				}
				if err := pages.Put("pages/"+l.Name+"/index.html", []byte(l.Version)); err != nil {
					return err
				}
			}
			return pages.Put("index.html", []byte(pagelist.Generator+strings.Repeat("x", int(at.Head.Seq))))
		}
	}
}

// listed are the pages that the published head lists.
func (k *kit) listed() map[string]pagelist.Page {
	k.t.Helper()
	list, err := pagelist.Read(context.Background(), k.head(), k.object)
	if err != nil {
		k.t.Fatal(err)
	}
	pages := map[string]pagelist.Page{}
	for _, p := range list.Pages {
		pages[p.Path] = p
	}
	return pages
}

func (k *kit) object(_ context.Context, path string, ref index.Ref) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(k.site, filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	return data, ref.Match(data)
}

// noNotes fails where the audit notes a page that differs.
func (k *kit) noNotes() {
	k.t.Helper()
	if notes := k.audit().Notes; len(notes) > 0 {
		k.t.Errorf("the audit notes %s", strings.Join(notes, "\n"))
	}
}

// TestDraw: pages are in place, listed by the signed head; only what changed is
// written again, and what is not drawn any more goes.
func TestDraw(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.publish(starting(k.trust), drawn("a", nil))
	if got := k.read("site/pages/pony/index.html"); got != "1.0.0" || len(k.listed()) != 3 {
		t.Errorf("the page has %q, %d are listed", got, len(k.listed()))
	}
	k.noNotes()
	still := must(os.Stat(filepath.Join(k.site, "pages/horse/index.html"))).ModTime()
	k.kube("pony", "1.1.0")
	var told []string
	k.publish(drawn("a", &told))
	if len(told) != 1 || told[0] != "pony" || k.read("site/pages/pony/index.html") != "1.1.0" {
		t.Errorf("drawn again: %v", told)
	}
	if now := must(os.Stat(filepath.Join(k.site, "pages/horse/index.html"))).ModTime(); !now.Equal(still) {
		t.Error("a page that is the same was written again")
	}
	k.noNotes()
	told = nil
	k.publish(drawn("b", &told))
	if len(told) != 2 {
		t.Errorf("another program has drawn %v", told)
	}
	k.gone("pony", "it ran away")
	k.publish(drawn("b", nil))
	if k.exists("site/pages/pony") || !k.exists("site/pages/horse") {
		t.Error("the pages of what is gone are there, or others are not")
	}
	k.noNotes()
	k.publish()
	if _, ok := k.head().Site(); ok || k.exists("site/pages") || k.exists("site/index.html") {
		t.Error("published without a site, pages are there or listed")
	}
	k.noNotes()
}

// TestForeignPage: somebody's own page is not overwritten; nothing is published then.
func TestForeignPage(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust))
	k.write("site/index.html", "<title>mine</title>")
	seq := k.head().Seq
	_, err := k.try(drawn("a", nil))
	var coded interface{ ErrorCode() errcode.Code }
	if !errors.As(err, &coded) || coded.ErrorCode() != errcode.ForeignPage || !strings.Contains(err.Error(), "site/index.html") {
		t.Fatal(err)
	}
	if got := k.read("site/index.html"); got != "<title>mine</title>" || k.head().Seq != seq {
		t.Errorf("the page is %q, publish %d", got, k.head().Seq)
	}
	k.write("site/index.html", "<title>one of another time</title>"+pagelist.Generator)
	k.publish(drawn("a", nil))
	k.noNotes()
}

// TestDrawMends: a page that is lost or changed is noted, and put in its place
// by the next publish; so is one that a publish did not reach.
func TestDrawMends(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust), drawn("a", nil))
	for name, damage := range map[string]func(){
		"changed":      func() { k.write("site/pages/pony/index.html", "9.9.9") },
		"lost":         func() { k.remove("site/pages/pony/index.html") },
		"all lost":     func() { k.remove("site/pages") },
		"not in place": func() { k.write("site/index.html", "") },
		"list lost": func() {
			ref, _ := k.head().Site()
			k.remove("site/objects/" + string(ref.SHA256[:2]) + "/" + string(ref.SHA256))
		},
		"folder there":  func() { k.remove("site/pages/pony/index.html"); k.write("site/pages/pony/index.html/x", "") },
		"folder vacant": func() { k.remove("site/pages/pony/index.html"); k.write("site/pages/pony/x", "") },
	} {
		t.Run(name, func(t *testing.T) {
			k.t = t
			damage()
			a := must(indexer.Audit(context.Background(), k.maintain()))
			if len(a.Notes)+len(a.Findings) == 0 {
				t.Error("the audit has nothing to say")
			}
			if name != "list lost" && len(a.Findings) > 0 {
				t.Errorf("the audit found %v", a.Findings)
			}
			res := k.publish(drawn("a", nil))
			if name == "folder there" {
				if len(res.Warnings) == 0 {
					t.Error("nothing warns of a page that cannot be put in its place")
				}
				k.remove("site/pages/pony/index.html")
				k.publish(drawn("a", nil))
			}
			k.noNotes()
		})
	}
}

// TestDrawFails: where drawing fails, nothing is published.
func TestDrawFails(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust), drawn("a", nil))
	_ = k.refused([]string{"drawing the web site", "no ink"}, func(o *indexer.Options) {
		o.Draw = func(_ context.Context, _ *indexer.Opened, pages *indexer.Pages) error {
			return errors.Join(pages.Put("new.html", []byte("x")), errors.New("no ink"))
		}
	})
	_ = k.refused([]string{"not of the web site"}, func(o *indexer.Options) {
		o.Draw = func(_ context.Context, _ *indexer.Opened, pages *indexer.Pages) error {
			return pages.Put("v1/index.json", []byte("x"))
		}
	})
}

// TestDrawInAnotherFolder: a site that begins empty, as in CI, gets all pages.
func TestDrawInAnotherFolder(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust), drawn("a", nil))
	if err := os.Rename(k.site, filepath.Join(k.dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(k.dir, "elsewhere")
	k.kube("horse", "1.0.0")
	if _, err := k.try(drawn("a", nil), func(o *indexer.Options) { o.Previous = fetch.URL(old) }); err != nil {
		t.Fatal(err)
	}
	for path, page := range k.listed() {
		data := must(os.ReadFile(filepath.Join(k.site, filepath.FromSlash(path))))
		if err := page.Match(data); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if len(k.listed()) != 3 {
		t.Errorf("%d pages are listed", len(k.listed()))
	}
}

// TestCollectPages: a garbage collection takes away pages that a publish which was
// cut short has left, the lists of older heads, and nothing that kpm did not draw.
func TestCollectPages(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.publish(starting(k.trust), drawn("a", nil))
	old, _ := k.head().Site()
	k.gone("horse", "it ran away")
	k.publish(drawn("a", nil))
	k.write("site/pages/horse/index.html", "1.0.0")
	k.write("site/robots.txt", "mine")
	if got := k.collect(true); got.Removed != 3 || !k.exists("site/pages/horse") {
		t.Errorf("would remove %d files", got.Removed) // the page, and the old list: contents and a part
	}
	k.collect(false)
	if k.exists("site/pages/horse") || !k.exists("site/pages/pony/index.html") || !k.exists("site/robots.txt") || k.exists("site/objects/"+string(old.SHA256[:2])+"/"+string(old.SHA256)) {
		t.Error("too much or too little is gone")
	}
	k.noNotes()
	k.collect(false)
	k.publish(drawn("a", nil))
	k.noNotes()
}

// TestRestoreKeepsPages: a restored head lists the pages that it listed.
func TestRestoreKeepsPages(t *testing.T) {
	k := newKit(t)
	k.publish(starting(k.trust), drawn("a", nil))
	k.remove("site/v1")
	if _, err := k.restore(1); err != nil {
		t.Fatal(err)
	}
	if len(k.listed()) != 2 {
		t.Errorf("%d pages are listed", len(k.listed()))
	}
	k.noNotes()
	k.publish(drawn("a", nil))
	k.noNotes()
}

// TestDrawTwice: the same publish draws the same site, byte for byte.
func TestDrawTwice(t *testing.T) {
	var trees []map[string]index.Digest
	for range 2 {
		k := newKit(t)
		k.publish(starting(k.trust), drawn("a", nil))
		k.kube("pony", "1.1.0")
		k.publish(drawn("a", nil))
		trees = append(trees, tree(t, k.site))
	}
	same(t, trees[0], trees[1])
}
