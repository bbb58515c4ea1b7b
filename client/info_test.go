package client

import (
	"errors"
	"strings"
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

// Who names no version is shown the release that an install takes, also where all were
// taken back, and then that it was. An index of before shows another one in its record.
func TestInfoOfRecalled(t *testing.T) {
	for name, c := range map[string]struct{ yanked, revoked, want string }{
		"none":        {"", "", "3.0.0"},
		"one":         {"", "3.0.0", "2.0.0"},
		"all":         {"1.0.0 2.0.0", "3.0.0", "2.0.0"},
		"all revoked": {"", "1.0.0 2.0.0 3.0.0", "3.0.0"},
	} {
		for _, before := range []bool{false, true} {
			s := sitetest.New(t)
			for _, version := range []string{"1.0.0", "2.0.0", "3.0.0"} {
				s.Publish(sitetest.Release("a", version))
			}
			newest := s.Lines["a"].Record
			for _, version := range strings.Fields(c.yanked) {
				s.Publish(sitetest.Recalled("a", version, sitetest.Yank("old", false)))
			}
			for _, version := range strings.Fields(c.revoked) {
				s.Publish(sitetest.Recalled("a", version, sitetest.Yank("stolen key", true)))
			}
			cl := clientOf(t, s)
			update(t, cl)
			repo, line, err := cl.Repos.Find(t.Context(), repos.Ref{Name: "a"})
			must(t, err)
			recalled := line.Yanked
			if before && recalled != "" {
				newest.Yanked, newest.Doc = recalled, line.Doc
				line.Record = newest
			}
			rel, err := cl.Repos.Resolve(t.Context(), repos.Ref{Name: "a"}, false)
			must(t, err)
			info := Info{Record: line.Record}.ofNewest(t.Context(), repo, line, "")
			shown := info.Record.Version
			if info.Release != nil {
				shown = info.Release.Version
			}
			if shown != c.want || rel.Version != shown {
				t.Errorf("%s: info shows %s, install takes %s, want %s", name, shown, rel.Version, c.want)
			}
			if recalled != "" && (info.Release == nil || info.Release.Yanked == nil) {
				t.Errorf("%s: nothing says that %s was taken back", name, shown)
			}
		}
	}
}
