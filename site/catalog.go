package site

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/index"
)

// catalog is all Kubes of a repository that are not gone.
type catalog struct {
	kubes  []*entry // by name
	byName map[string]*entry
}

// entry is a Kube with its document.
type entry struct {
	index.Line
	doc        *index.Document
	dependents []string // names of the Kubes whose newest release depends on it
}

// firstBuilt is when the oldest release was made.
func (k *entry) firstBuilt() time.Time {
	if n := len(k.doc.Releases); n > 0 {
		return k.doc.Releases[n-1].Built.Time
	}
	return k.Built.Time
}

// readCatalog reads the document of every Kube.
func readCatalog(ctx context.Context, r Repository) (*catalog, error) {
	c := &catalog{byName: make(map[string]*entry, len(r.Lines))}
	for _, l := range r.Lines {
		if l.Gone == "" {
			k := &entry{Line: l}
			c.kubes, c.byName[l.Name] = append(c.kubes, k), k
		}
	}
	err := each(ctx, len(c.kubes), func(ctx context.Context, i int) error {
		k := c.kubes[i]
		data, err := r.Read(ctx, index.ObjectPath(k.Doc.SHA256), k.Doc)
		if err != nil {
			return fmt.Errorf("reading the document of %s: %w", k.Name, err)
		}
		k.doc, err = index.DecodeDocument(k.Name, data)
		return err
	})
	for _, k := range c.kubes {
		for _, d := range k.Dependencies {
			if on := c.byName[d.Name]; on != nil {
				on.dependents = append(on.dependents, k.Name)
			}
		}
	}
	return c, err
}

// each runs work for 0…n-1 on all cores.
func each(ctx context.Context, n int, work func(context.Context, int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return work(ctx, i)
		})
	}
	return g.Wait()
}

// byAge are the Kubes by their first release, newest first.
func (c *catalog) byAge() []*entry {
	return slices.SortedFunc(slices.Values(c.kubes), func(x, y *entry) int {
		if order := y.firstBuilt().Compare(x.firstBuilt()); order != 0 {
			return order
		}
		return strings.Compare(x.Name, y.Name)
	})
}

// byUpdate are the Kubes by their newest release, newest first.
func (c *catalog) byUpdate() []*entry {
	return slices.SortedFunc(slices.Values(c.kubes), func(x, y *entry) int {
		if order := y.Built.Compare(x.Built.Time); order != 0 {
			return order
		}
		return strings.Compare(x.Name, y.Name)
	})
}
