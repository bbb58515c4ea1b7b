package repos

import (
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// t0 is when the sites of these tests begin.
var t0 = sitetest.Start()

// newSet is a set with an empty home that tells its notices to the log.
func newSet(t *testing.T) *Set {
	t.Helper()
	return &Set{Options: Options{
		Home: home.Home{Dir: t.TempDir()}, Now: func() time.Time { return t0.Add(time.Hour) },
		Fetch:  fetch.Options{Pause: time.Millisecond},
		Notice: func(n Notice) { t.Logf("notice: %+v", n) },
	}}
}

// setOf is a set that has pinned the site as "main", with further sources.
func setOf(t *testing.T, s *sitetest.Site, mirrors ...*sitetest.Site) *Set {
	t.Helper()
	c := newSet(t)
	r := Config{Alias: "main", Sources: []string{s.URL}, Pin: &s.Pin}
	for _, m := range mirrors {
		r.Sources = append(r.Sources, m.URL)
	}
	if err := c.ConfigFile().Add(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return c
}

// update updates a set, which must work.
func update(t *testing.T, c *Set) Updated {
	t.Helper()
	u, err := tryUpdate(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func tryUpdate(t *testing.T, c *Set) (Updated, error) {
	t.Helper()
	var got Updated
	err := c.Update(t.Context(), "", func(u Updated) { got = u })
	return got, err
}

// hits are the names that a search finds.
func hits(t *testing.T, c *Set, pattern string) string {
	t.Helper()
	found, err := c.Search(t.Context(), "", pattern, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, h := range found.Hits {
		names = append(names, h.Name+"@"+h.Version)
	}
	return strings.Join(names, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
