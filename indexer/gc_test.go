package indexer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

func (k *kit) collect(dryRun bool) *indexer.Collected {
	k.t.Helper()
	got, err := indexer.Collect(context.Background(), k.maintain(), dryRun)
	if err != nil {
		k.t.Fatalf("collecting garbage: %v", err)
	}
	return got
}

// heads publishes n times, each time a new version of pony, and gives all
// heads, oldest first.
func (k *kit) heads(n int) []signed {
	k.t.Helper()
	var out []signed
	for range n {
		seq := 1
		if len(out) > 0 || k.exists("site/v1/index.json") {
			seq = int(k.head().Seq) + 1
		}
		k.kube("pony", fmt.Sprintf("1.%d.0", seq))
		if seq == 1 {
			k.first()
		} else {
			k.publish()
		}
		out = append(out, k.envelope())
	}
	return out
}

func (k *kit) exists(path string) bool {
	_, err := os.Stat(filepath.Join(k.dir, filepath.FromSlash(path)))
	return err == nil
}

// wholeFor fails unless a client that goes on with a head it already has, from
// whatever state, finds everything: segments, documents, archives, bundles.
func (k *kit) wholeFor(h *index.Head, states []*client) {
	k.t.Helper()
	read := readObject(k.site)
	for _, held := range append(states, &client{lines: map[string]index.Line{}}) {
		c := held.clone()
		if err := c.update(h, read); err != nil {
			k.t.Errorf("a client of publish %d at head %d: %v", held.seq, h.Seq, err)
			continue
		}
		for _, l := range c.sorted() {
			data, err := read(l.Doc)
			if err != nil {
				k.t.Errorf("head %d: %v", h.Seq, err)
				continue
			}
			for _, r := range must(index.DecodeDocument(l.Record, data)).Releases {
				for _, path := range []string{index.ArchivePath(l.Name, r.Version), index.ProvenancePath(l.Name, r.Version)} {
					if !k.exists("site/" + path) {
						k.t.Errorf("head %d: no %s", h.Seq, path)
					}
				}
			}
		}
	}
}

// TestCollect: garbage is what no head leads to that a client may still use.
func TestCollect(t *testing.T) {
	k := newKit(t)
	old := k.heads(9)
	if got := k.collect(false); got.Removed != 0 {
		t.Errorf("removed %d files while every head is within its grace", got.Removed)
	}
	k.now = k.now.Add(40 * days) // heads live 14 days and have 30 days of grace
	recent := k.heads(3)
	if got := k.collect(false); got.Removed != 0 {
		t.Errorf("removed %d files while every head is within its grace", got.Removed)
	}
	k.now = k.now.Add(10 * days) // the first nine are out of it now
	last := k.heads(1)
	before := tree(t, k.site)
	dry := k.collect(true)
	same(t, before, tree(t, k.site))
	got := k.collect(false)
	if *dry != *got || got.Removed == 0 || got.Removed+got.Kept != len(before)-2 {
		t.Errorf("of %d files, dry run and run say %+v, %+v", len(before), dry, got)
	}
	after := tree(t, k.site)
	for path, d := range after {
		if before[path] != d {
			t.Errorf("gc changes %s", path)
		}
	}
	for _, h := range append(recent, last...) {
		k.wholeFor(h.head, nil)
	}
	for path := range before {
		if _, ok := after[path]; !ok && strings.HasPrefix(path, "kubes/") {
			t.Errorf("gc removes %s, which a document lists", path)
		}
	}
	if gone := index.ObjectPath(index.RefOf(old[2].stored).SHA256); k.exists("site/" + gone) {
		t.Errorf("head %d stays", old[2].head.Seq)
	}
	a := k.audit()
	if len(a.Notes) == 0 {
		t.Error("the audit does not note that older heads are missing")
	}
	if again := k.collect(false); again.Removed != 0 {
		t.Errorf("a second run removes %d files", again.Removed)
	}
	k.heads(1)
	k.audit()
}

// TestCollectAfterExpiry: the published state stays, however old it is.
func TestCollectAfterExpiry(t *testing.T) {
	k := newKit(t)
	heads := k.heads(2)
	k.now = k.now.Add(300 * days)
	k.collect(false)
	k.wholeFor(heads[1].head, nil)
	k.audit()
	k.heads(1)
	k.audit()
}

// TestPausedClient: a client that has a head and the state of any publish
// before, and is stopped in the middle of its update while builds and gc run,
// finds everything when it goes on.
func TestPausedClient(t *testing.T) {
	k := newKit(t)
	var states []*client
	var heads []signed
	for range 10 {
		heads = append(heads, k.heads(1)...)
		states = append(states, k.client())
	}
	k.gone("pony", "no reason")
	k.publish()
	for _, wait := range []time.Duration{0, 13 * days, 30 * days} { // of 44
		k.now = k.now.Add(wait)
		k.publish()
		k.collect(false)
		for i, h := range heads {
			k.wholeFor(h.head, states[:i+1])
		}
	}
}

// TestCollectRefuses: with a broken chain of heads, or a part of one missing,
// nothing is removed.
func TestCollectRefuses(t *testing.T) {
	for name, damage := range map[string]func(k *kit, old []signed){
		"old head missing": func(k *kit, old []signed) { k.remove("site/" + index.ObjectPath(index.RefOf(old[1].stored).SHA256)) },
		"old head damaged": func(k *kit, old []signed) {
			k.write("site/"+index.ObjectPath(index.RefOf(old[1].stored).SHA256), "{}")
		},
		"old segment missing": func(k *kit, old []signed) {
			k.remove("site/" + index.ObjectPath(old[0].head.Segments[0].Parts[0].SHA256))
		},
		"head missing":     func(k *kit, _ []signed) { k.remove("site/v1") },
		"document missing": func(k *kit, _ []signed) { k.remove("site/" + index.ObjectPath(k.line("pony").Doc.SHA256)) },
		"chain not named": func(k *kit, _ []signed) {
			k.forge(k.head(), func(h *index.Head) []index.Object { delete(h.Extensions, index.PreviousExtension); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			old := k.heads(3)
			k.write("site/objects/00/leftover", "x")
			damage(k, old)
			before := tree(t, k.site)
			if got, err := indexer.Collect(context.Background(), k.maintain(), false); err == nil {
				t.Errorf("removed %d files", got.Removed)
			}
			same(t, before, tree(t, k.site))
		})
	}
}

// TestNoSite: what looks after a site makes none.
func TestNoSite(t *testing.T) {
	k := newKit(t)
	for name, do := range map[string]func() error{
		"gc": func() error { _, err := indexer.Collect(context.Background(), k.maintain(), false); return err },
		"restore": func() error {
			_, err := indexer.Restore(context.Background(), k.maintain(), []signer.Signer{k.key.Signer()}, 9, days)
			return err
		},
		"audit": func() error { _, err := indexer.Audit(context.Background(), k.maintain()); return err },
	} {
		if err := do(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if k.exists("site") {
			t.Errorf("%s makes the folder", name)
			k.remove("site")
		}
	}
}
