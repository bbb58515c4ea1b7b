package indexer_test

import (
	"fmt"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
)

// history publishes ten times, with all that may happen to a Kube.
func history(k *kit, each func()) {
	k.t.Helper()
	for i := range 5 {
		k.kube(fmt.Sprintf("kube-%d", i), "1.0.0")
	}
	k.first()
	each()
	for i := range 9 {
		switch i {
		case 1:
			k.kube("kube-1", "1.1.0")
		case 3:
			k.gone("kube-2", "no reason")
		case 5:
			k.kube("kube-5", "0.1.0")
			k.releases("kube-1", "yanked: {1.1.0: a}\n")
		case 7:
			k.remove("packages/kube-2")
			k.kube("kube-2", "2.0.0")
		}
		k.publish()
		each()
	}
}

// TestTwice: the same input, clock and keys give the same site, byte for byte.
func TestTwice(t *testing.T) {
	a, b := newKit(t), newKit(t)
	history(a, func() {})
	history(b, func() {})
	same(t, tree(t, a.site), tree(t, b.site))
	if n := a.head().Seq; n != 10 {
		t.Errorf("published %d times, want 10", n)
	}
}

// TestVerbatim: a record line keeps its bytes until its rev changes, clients
// at every lag reach the same state, and no published file is ever rewritten
// but the head.
func TestVerbatim(t *testing.T) {
	k := newKit(t)
	lines := map[string]string{} // by name and rev
	var clients []*client
	files := map[string]index.Digest{}
	history(k, func() {
		now := k.client()
		for name, l := range now.lines {
			id := fmt.Sprintf("%s@%d", name, l.Rev)
			if was, ok := lines[id]; ok && was != string(l.Raw) {
				t.Errorf("publish %d rewrites %s:\n%s\n%s", now.seq, id, was, l.Raw)
			}
			lines[id] = string(l.Raw)
		}
		for i, c := range clients {
			c := c.clone()
			if err := c.update(k.head(), readObject(k.site)); err != nil {
				t.Errorf("a client of publish %d at publish %d: %v", i+1, now.seq, err)
			}
			if c.tally != now.tally {
				t.Errorf("a client of publish %d has another state at publish %d", i+1, now.seq)
			}
		}
		clients = append(clients, now)
		for path, d := range tree(t, k.site) {
			if was, ok := files[path]; ok && was != d && path != index.HeadPath {
				t.Errorf("publish %d rewrites %s", now.seq, path)
			}
			files[path] = d
		}
	})
	k.audit()
}

// TestForeignLine: a record with keys that this version does not know is
// carried as it is.
func TestForeignLine(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.first()
	lines := k.client().sorted()
	raw := lines[0].Raw
	lines[0] = must(index.DecodeLine(append(append([]byte{}, raw[:len(raw)-1]...), `,"later":{"x":[1]}}`...)))
	k.forge(k.head(), func(h *index.Head) []index.Object {
		segments, objects, err := index.Publish(nil, lines, 1)
		if err != nil {
			t.Fatal(err)
		}
		h.Segments, h.Sum = segments, index.TallyOf(lines).Sum()
		return objects
	})
	k.kube("pony", "1.1.0")
	k.publish()
	if got := k.line("horse"); string(got.Raw) != string(lines[0].Raw) {
		t.Errorf("a foreign record became\n%s, not\n%s", got.Raw, lines[0].Raw)
	}
}

// forge puts a changed head, signed by the index key, and its objects in place.
func (k *kit) forge(h *index.Head, change func(*index.Head) []index.Object) {
	k.t.Helper()
	for _, o := range change(h) {
		k.write("site/"+index.ObjectPath(o.SHA256), string(o.Data))
	}
	payload := must(h.Encode())
	k.write("site/"+index.HeadPath, string(must(index.NewEnvelope(payload, must(k.key.Sign(payload))).Encode())))
}

// TestReplay: what a publisher does wrong to the records is found by doing
// what clients will do.
func TestReplay(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.first()
	k.kube("horse", "1.1.0")
	k.publish()
	published := k.published()
	terms := indexer.Terms{Repository: "acme", Root: published.Head.Root, Trust: 1, Epoch: 1, Seq: 3, Now: k.now, ExpiresIn: days}
	for name, mutate := range map[string]func([]index.Line){
		"re-encoded": func(ls []index.Line) { ls[1].Raw = append([]byte("{ "), ls[1].Raw[1:]...) },
		"new key": func(ls []index.Line) {
			ls[1].Raw = append(append([]byte{}, ls[1].Raw[:len(ls[1].Raw)-1]...), `,"x":1}`...)
		},
		"old rev":  func(ls []index.Line) { ls[0].Rev = 1 },
		"repeated": func(ls []index.Line) { ls[0] = ls[1] },
		"none":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			mutant := *published
			mutant.Lines = append([]index.Line{}, published.Lines...)
			if mutate != nil {
				mutate(mutant.Lines)
			}
			p, err := indexer.Build(&mutant, nil, terms)
			if err != nil {
				t.Fatal(err)
			}
			objects := map[string]index.File{}
			for _, f := range p.Files {
				objects[f.Path] = f
			}
			err = index.Replay(p.Head, p.Lines, func(ref index.Ref) ([]byte, error) {
				if f, ok := objects[index.ObjectPath(ref.SHA256)]; ok {
					return readAll(f)
				}
				return readObject(k.site)(ref)
			})
			if (err == nil) != (mutate == nil) {
				t.Errorf("replaying gives %v", err)
			}
		})
	}
}
