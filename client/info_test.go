package client

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// The newest release can be looked at offline, right after an update.
func TestInfoOffline(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	s.Publish(sitetest.Release("a", "1.1.0"))
	c := clientOf(t, s)
	update(t, c)
	c.Repos.Offline = true
	for _, ref := range []repos.Ref{{Name: "a"}, {Name: "a", Version: "1.1.0"}} {
		info, err := c.Info(t.Context(), ref, false)
		if err != nil || info.Record.Version != "1.1.0" {
			t.Errorf("%s: got %s, %v", ref, info.Record.Version, err)
		}
	}
	if _, err := c.Info(t.Context(), repos.Ref{Name: "a", Version: "1.0.0"}, false); !errors.Is(err, repos.ErrOffline) {
		t.Errorf("an older release: got %v, want ErrOffline", err)
	}
	c.Repos.Offline = false
	info, err := c.Info(t.Context(), repos.Ref{Name: "a", Version: "1.0.0"}, false)
	must(t, err)
	if diff := cmp.Diff([]string{"1.1.0", "1.0.0"}, info.Versions); diff != "" || info.Release.Version != "1.0.0" {
		t.Errorf("got release %s; versions (-want +got):\n%s", info.Release.Version, diff)
	}
}
