package client

import (
	"testing"
	"time"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// t0 is when the sites of these tests begin.
var t0 = sitetest.Start()

// newClient is a client with an empty home that tells its notices to the log.
func newClient(t *testing.T) *Client {
	t.Helper()
	told := func(n repos.Notice) { t.Logf("notice: %+v", n) }
	return clientOn(home.Home{Dir: t.TempDir()}, told)
}

// clientOn is a client of a home.
func clientOn(h home.Home, told func(repos.Notice)) *Client {
	set := &repos.Set{Options: repos.Options{
		Home: h, Now: func() time.Time { return t0.Add(time.Hour) }, Fetch: fetch.Options{Pause: time.Millisecond}, Notice: told,
	}}
	return &Client{Home: h, Now: set.Now, Repos: set, Notice: told}
}

// clientOf is a client that has pinned the site as "main".
func clientOf(t *testing.T, s *sitetest.Site) *Client {
	t.Helper()
	c := newClient(t)
	r := repos.Config{Alias: "main", Sources: []string{s.URL}, Pin: &s.Pin}
	if err := c.Repos.ConfigFile().Add(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return c
}

// update updates a client, which must work.
func update(t *testing.T, c *Client) repos.Updated {
	t.Helper()
	u, err := tryUpdate(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func tryUpdate(t *testing.T, c *Client) (repos.Updated, error) {
	t.Helper()
	var got repos.Updated
	err := c.Repos.Update(t.Context(), "", func(u repos.Updated) { got = u })
	return got, err
}
