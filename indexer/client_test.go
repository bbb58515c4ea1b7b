package indexer_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
)

// signed is a head with its envelope.
type signed struct {
	*index.Envelope
	head   *index.Head
	stored []byte
}

// openSigned reads a head without verifying it.
func openSigned(t testing.TB, stored []byte) signed {
	t.Helper()
	env, err := index.DecodeEnvelope(stored)
	if err != nil {
		t.Fatal(err)
	}
	h, err := index.DecodeHead([]byte(env.Payload))
	if err != nil {
		t.Fatal(err)
	}
	return signed{env, h, stored}
}

// readObject reads objects of a site, checked.
func readObject(site string) func(index.Ref) ([]byte, error) {
	return func(ref index.Ref) ([]byte, error) {
		data, err := os.ReadFile(filepath.Join(site, filepath.FromSlash(index.ObjectPath(ref.SHA256))))
		if err != nil {
			return nil, err
		}
		return data, ref.Match(data)
	}
}

// client is what a client holds: the rules of an update and nothing else.
type client struct {
	seq   int64
	lines map[string]index.Line
	tally index.Tally
}

// client is a new client that has updated once.
func (k *kit) client() *client {
	k.t.Helper()
	c := &client{lines: map[string]index.Line{}}
	if err := c.update(k.head(), readObject(k.site)); err != nil {
		k.t.Fatalf("a new client: %v", err)
	}
	return c
}

// update takes the cheapest chain of segments, and starts anew where that does
// not give what the head announces.
func (c *client) update(h *index.Head, read func(index.Ref) ([]byte, error)) error {
	if err := c.merge(h, read); err != nil || h.Agrees(c.tally) {
		return err
	}
	*c = client{lines: map[string]index.Line{}}
	if err := c.merge(h, read); err != nil {
		return err
	}
	if !h.Agrees(c.tally) {
		return fmt.Errorf("head %d announces %d Kubes, its segments give %d", h.Seq, h.Kubes, c.tally.Kubes)
	}
	return nil
}

func (c *client) merge(h *index.Head, read func(index.Ref) ([]byte, error)) error {
	plan, err := h.Plan(c.seq)
	if err != nil {
		return err
	}
	var lines []index.Line
	for _, s := range plan {
		for i, p := range s.Parts {
			data, err := read(p.Ref())
			if err != nil {
				return err
			}
			more, err := index.DecodePart(s, i, data)
			if err != nil {
				return err
			}
			lines = append(lines, more...)
		}
	}
	held := func(name string) (index.Line, bool, error) { l, ok := c.lines[name]; return l, ok, nil }
	changes, tally, err := index.Merge(held, c.tally, lines)
	if err != nil {
		return err
	}
	for _, change := range changes {
		c.lines[change.New.Name] = change.New
	}
	c.seq, c.tally = h.Seq, tally
	return nil
}

// raw is every line as it is stored, by name.
func (c *client) raw() map[string]string {
	out := map[string]string{}
	for name, l := range c.lines {
		out[name] = string(l.Raw)
	}
	return out
}

// clone is a client that goes its own way.
func (c *client) clone() *client {
	return &client{c.seq, maps.Clone(c.lines), c.tally}
}

// sorted are all the lines a client holds, by name.
func (c *client) sorted() []index.Line {
	var out []index.Line
	for _, name := range slices.Sorted(maps.Keys(c.lines)) {
		out = append(out, c.lines[name])
	}
	return out
}
