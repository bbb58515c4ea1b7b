package site

import (
	"bytes"
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/workers"
)

// catalog is all Kubes of a repository.
type catalog struct {
	kubes  []*entry // by name, those that are gone left out
	byName map[string]*entry
	gone   []*entry
}

// entry is a Kube. What comes of its document is read by readFacts.
type entry struct {
	index.Line
	dependents []string  // names of the Kubes whose newest release depends on it
	first      time.Time // when its oldest release was made
	releases   []feedItem
	results    []index.Attestation // test results of its newest release
}

// newCatalog is the catalog of what records alone say.
func newCatalog(lines []index.Line) *catalog {
	c := &catalog{byName: make(map[string]*entry, len(lines))}
	for _, l := range lines {
		k := &entry{Line: l}
		if l.Gone != "" {
			c.gone = append(c.gone, k)
			continue
		}
		c.kubes, c.byName[l.Name] = append(c.kubes, k), k
	}
	for _, k := range c.kubes {
		for _, d := range k.Dependencies {
			if on := c.byName[d.Name]; on != nil && !slices.Contains(on.dependents, k.Name) {
				on.dependents = append(on.dependents, k.Name)
			}
		}
	}
	return c
}

// readFacts reads what pages of many Kubes show of their documents.
func (c *catalog) readFacts(ctx context.Context, r Repository) error {
	all := slices.Concat(c.kubes, c.gone)
	return each(ctx, len(all), func(ctx context.Context, i int) error {
		k := all[i]
		d, err := r.Document(ctx, k.Line)
		if err != nil {
			return err
		}
		k.first = d.Releases[len(d.Releases)-1].Built.Time
		for _, rel := range d.Releases {
			if rel.Built.Before(k.first) {
				k.first = rel.Built.Time
			}
			if k.Gone == "" {
				k.releases = append(k.releases, feedItem{k.Name, rel.Version, k.Description, rel.Built.Time})
			}
		}
		k.releases = newestReleases(k.releases)
		if newest, ok := d.Release(k.Version); ok {
			k.results = newest.TestResults()
		}
		return nil
	})
}

// each runs work for 0…n-1 on all cores.
func each(ctx context.Context, n int, work func(context.Context, int) error) error {
	return workers.Each(ctx, runtime.GOMAXPROCS(0), n, work)
}

// byAge are Kubes by their first release, oldest first.
func byAge(kubes []*entry) []*entry {
	return slices.SortedFunc(slices.Values(kubes), func(x, y *entry) int {
		return cmp.Or(x.first.Compare(y.first), strings.Compare(x.Name, y.Name))
	})
}

// numbered are all Kubes in the order in which they first appeared. Those that
// are gone keep their places, so nobody's number ever changes.
func (c *catalog) numbered() []*entry {
	return byAge(slices.Concat(c.kubes, c.gone))
}

// newest are the Kubes that appeared last, the last one first.
func (c *catalog) newest(n int) []*entry {
	list := byAge(c.kubes)
	slices.Reverse(list)
	return first(list, n)
}

// updated are the Kubes that have more than one release, by the newest, newest first.
func (c *catalog) updated() []*entry {
	list := slices.DeleteFunc(slices.Clone(c.kubes), func(k *entry) bool { return !k.Built.After(k.first) })
	slices.SortFunc(list, func(x, y *entry) int {
		return cmp.Or(y.Built.Compare(x.Built.Time), strings.Compare(x.Name, y.Name))
	})
	return list
}

// shows reports whether the pages of the Kube show the same in both catalogs.
func (c *catalog) shows(old *catalog, k *entry) bool {
	was := old.byName[k.Name]
	if was == nil || !bytes.Equal(was.Raw, k.Raw) || !slices.Equal(was.dependents, k.dependents) {
		return false
	}
	return !slices.ContainsFunc(k.Dependencies, func(d index.Dependency) bool {
		return (c.byName[d.Name] == nil) != (old.byName[d.Name] == nil)
	})
}

// row reports whether a row about the Kube is the same in both catalogs.
func (c *catalog) row(old *catalog, name string) bool {
	k, was := c.byName[name], old.byName[name]
	return k != nil && was != nil && bytes.Equal(k.Raw, was.Raw)
}

// inFeed is how many releases the feed has.
const inFeed = 50

type feedItem struct {
	name, version, description string
	built                      time.Time
}

// newestReleases are those that the feed may have, newest first.
func newestReleases(items []feedItem) []feedItem {
	slices.SortFunc(items, func(x, y feedItem) int {
		return cmp.Or(y.built.Compare(x.built), strings.Compare(x.name, y.name), strings.Compare(y.version, x.version))
	})
	return first(items, inFeed)
}
