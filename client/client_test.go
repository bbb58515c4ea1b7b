package client

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

// newClient is a client with an empty home that tells its notices to the log.
func newClient(t *testing.T) *Client {
	t.Helper()
	return &Client{
		Home: home.Home{Dir: t.TempDir()}, Now: func() time.Time { return t0.Add(time.Hour) },
		Fetch:  fetch.Options{Pause: time.Millisecond},
		Notice: func(n Notice) { t.Logf("notice: %+v", n) },
	}
}

// clientOf is a client that has pinned the site as "main", with further sources.
func clientOf(t *testing.T, s *sitetest.Site, mirrors ...*sitetest.Site) *Client {
	t.Helper()
	c := newClient(t)
	r := Repository{Alias: "main", Sources: []string{s.URL}, Pin: &s.Pin}
	for _, m := range mirrors {
		r.Sources = append(r.Sources, m.URL)
	}
	if err := c.Add(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return c
}

// update updates a client, which must work.
func update(t *testing.T, c *Client) Updated {
	t.Helper()
	u, err := tryUpdate(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func tryUpdate(t *testing.T, c *Client) (Updated, error) {
	t.Helper()
	var got Updated
	err := c.Update(t.Context(), "", func(u Updated) { got = u })
	return got, err
}

// hits are the names that a search finds.
func hits(t *testing.T, c *Client, pattern string) string {
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
