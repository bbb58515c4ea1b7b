package repos

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// of is an installation of a release of a repository.
func of(repository, name, version string) Installed {
	return Installed{Namespace: "web", Name: name, Version: version, Repository: repository}
}

// Whoever has a release that was taken back is told: of the newest and of an older
// one, and what may be had instead.
func TestRecalls(t *testing.T) {
	s := sitetest.New(t)
	for _, version := range []string{"0.1.0", "0.2.0", "0.3.0", "0.4.0-rc.1"} {
		s.Publish(sitetest.Release("shop", version))
	}
	s.Publish(sitetest.Release("solo", "1.0.0"), sitetest.Release("left", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	there := []Installed{
		of(s.Name, "shop", "0.3.0"), of(s.Name, "shop", "0.2.0"), of(s.Name, "shop", "0.1.0"), of(s.Name, "shop", "0.4.0-rc.1"),
		of(s.Name, "solo", "1.0.0"), of(s.Name, "left", "1.0.0"),
		of("other", "shop", "0.3.0"), of("", "shop", "0.3.0"), of(s.Name, "none", "1.0.0"), of(s.Name, "shop", "forged"),
	}
	if got := c.Recalls(t.Context(), there); got != nil {
		t.Errorf("before anything was taken back: got %+v", got)
	}
	s.Publish(sitetest.Recalled("shop", "0.3.0", sitetest.Yank("eats data", false)))
	s.Publish(sitetest.Recalled("shop", "0.2.0", sitetest.Yank("stolen key", true)))
	s.Publish(sitetest.Recalled("shop", "0.4.0-rc.1", func(r *index.Release) { r.Withdrawn = "a trademark" }))
	s.Publish(sitetest.Recalled("solo", "1.0.0", sitetest.Yank("broken", false)), sitetest.Gone("left", "moved away"))
	update(t, c)
	want := []Recall{
		{"web", "shop", "0.3.0", "main", Yanked, "eats data", "0.1.0"},
		{"web", "shop", "0.2.0", "main", Revoked, "stolen key", "0.1.0"},
		{"web", "shop", "0.4.0-rc.1", "main", Withdrawn, "a trademark", "0.1.0"},
		{"web", "solo", "1.0.0", "main", Yanked, "broken", ""},
		{"web", "left", "1.0.0", "main", Gone, "moved away", ""},
	}
	if diff := cmp.Diff(want, c.Recalls(t.Context(), there)); diff != "" {
		t.Errorf("recalls (-want +got):\n%s", diff)
	}

	// What was fetched once is at hand. Where nothing can be fetched, what the
	// records say is told, and that it may not be all.
	c.Offline = true
	if diff := cmp.Diff(want, c.Recalls(t.Context(), there)); diff != "" {
		t.Errorf("recalls offline (-want +got):\n%s", diff)
	}
	other := newSet(t)
	must(t, other.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{s.URL}, Pin: &s.Pin}))
	update(t, other)
	other.Offline = true
	var notes []string
	other.Notice = func(n Notice) { notes = append(notes, n.Text) }
	got := other.Recalls(t.Context(), there)
	if diff := cmp.Diff([]Recall{{"web", "solo", "1.0.0", "main", Yanked, "broken", ""}, want[4]}, got); diff != "" {
		t.Errorf("recalls by the records alone (-want +got):\n%s", diff)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "whether releases of shop, solo, left were recalled is not known") {
		t.Errorf("got notices %q", notes)
	}
}

// An update calls what was taken back so, and not an upgrade: the newest release by
// its record, any release of a Kube that was used from here.
func TestUpdateTellsRecalls(t *testing.T) {
	s := sitetest.New(t)
	for _, version := range []string{"0.1.0", "0.2.0", "0.3.0"} {
		s.Publish(sitetest.Release("shop", version), sitetest.Release("used", version))
	}
	s.Publish(sitetest.Release("solo", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	if _, err := c.Resolve(t.Context(), Ref{Name: "used"}, false); err != nil {
		t.Fatal(err)
	}
	s.Publish(
		sitetest.Recalled("shop", "0.3.0", sitetest.Yank("eats data", false)), sitetest.Recalled("used", "0.1.0", sitetest.Yank("stolen key", true)),
		sitetest.Recalled("solo", "1.0.0", sitetest.Yank("broken", false)),
	)
	u := update(t, c)
	want := []Recall{
		{"", "shop", "0.3.0", "main", Yanked, "eats data", "0.2.0"},
		{"", "solo", "1.0.0", "main", Yanked, "broken", ""},
		{"", "used", "0.1.0", "main", Revoked, "stolen key", "0.3.0"},
	}
	if diff := cmp.Diff(want, u.Recalled); diff != "" {
		t.Errorf("recalled (-want +got):\n%s", diff)
	}
	if len(u.Upgraded) != 0 {
		t.Errorf("got upgraded %+v", u.Upgraded)
	}
	s.Publish(sitetest.Recalled("used", "0.1.0", sitetest.Yank("stolen key", true)))
	if u := update(t, c); len(u.Recalled) != 0 {
		t.Errorf("told twice: %+v", u.Recalled)
	}
}

// Several publishes between two updates are one change from what was held to what
// is there now.
func TestUpdateTellsTheLast(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("shop", "0.1.0"))
	c := setOf(t, s)
	update(t, c)
	for _, version := range []string{"0.2.0", "0.3.0"} {
		s.Publish(sitetest.Release("shop", version))
	}
	if diff := cmp.Diff([]Change{{Name: "shop", From: "0.1.0", To: "0.3.0"}}, update(t, c).Upgraded); diff != "" {
		t.Errorf("upgraded (-want +got):\n%s", diff)
	}
}

// Who names no version is given a yanked release before a revoked one, and nothing
// yanked counts as newer.
func TestAllTakenBack(t *testing.T) {
	s := sitetest.New(t)
	for _, version := range []string{"0.1.0", "0.2.0", "0.3.0"} {
		s.Publish(sitetest.Release("shop", version))
	}
	s.Publish(
		sitetest.Recalled("shop", "0.1.0", sitetest.Yank("old", false)), sitetest.Recalled("shop", "0.2.0", sitetest.Yank("broken", false)),
		sitetest.Recalled("shop", "0.3.0", sitetest.Yank("stolen key", true)),
	)
	c := setOf(t, s)
	update(t, c)
	rel, err := c.Resolve(t.Context(), Ref{Name: "shop"}, false)
	if err != nil || rel.Version != "0.2.0" {
		t.Errorf("got %s, %v; want 0.2.0", rel.Version, err)
	}
	if got, err := c.Outdated([]Installed{of(s.Name, "shop", "0.1.0")}); err != nil || len(got) != 0 {
		t.Errorf("outdated: got %+v, %v", got, err)
	}
}

// An update tells which recalls were taken back themselves: of a Kube that was used from
// here of all releases, of another one where its record says so.
func TestUpdateTellsRestored(t *testing.T) {
	s := sitetest.New(t)
	for _, version := range []string{"0.1.0", "0.2.0"} {
		s.Publish(sitetest.Release("shop", version), sitetest.Release("used", version))
	}
	s.Publish(sitetest.Release("solo", "1.0.0"), sitetest.Release("left", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	s.Publish(sitetest.Recalled("shop", "0.1.0", sitetest.Yank("eats data", false)), sitetest.Recalled("used", "0.1.0", sitetest.Yank("stolen key", true)))
	s.Publish(sitetest.Recalled("used", "0.2.0", sitetest.Yank("eats data", false)),
		sitetest.Recalled("solo", "1.0.0", sitetest.Yank("broken", false)), sitetest.Gone("left", "moved away"))
	update(t, c)
	if _, err := c.Resolve(t.Context(), Ref{Name: "used"}, false); err != nil {
		t.Fatal(err)
	}
	restore := func(r *index.Release) { r.Yanked = nil }
	s.Publish(sitetest.Recalled("shop", "0.1.0", restore), sitetest.Recalled("used", "0.1.0", restore))
	s.Publish(sitetest.Recalled("used", "0.2.0", restore), sitetest.Recalled("solo", "1.0.0", restore), sitetest.Release("left", "1.0.1"))
	u := update(t, c)
	want := []Recall{
		{"", "solo", "1.0.0", "main", Yanked, "broken", ""},
		{"", "used", "0.2.0", "main", Yanked, "eats data", ""},
		{"", "used", "0.1.0", "main", Revoked, "stolen key", ""},
	}
	if diff := cmp.Diff(want, u.Restored); diff != "" || len(u.Recalled) != 0 {
		t.Errorf("recalled %v, restored (-want +got):\n%s", u.Recalled, diff)
	}
	if diff := cmp.Diff([]Change{{Name: "left", To: "1.0.1"}}, u.Back); diff != "" || len(u.New) != 0 {
		t.Errorf("new %v, back (-want +got):\n%s", u.New, diff)
	}
	s.Publish(sitetest.Recalled("used", "0.1.0", restore))
	if u := update(t, c); len(u.Restored) != 0 {
		t.Errorf("told twice: %+v", u.Restored)
	}
}

// What is out is newer, and neither yanked nor revoked.
func TestNewer(t *testing.T) {
	for name, c := range map[string]struct{ yanked, revoked, version, want string }{
		"none":                {"", "", "0.3.0", ""},
		"one":                 {"", "", "0.1.0", "0.3.0"},
		"the next was yanked": {"0.3.0", "", "0.1.0", "0.2.0"},
		"all above":           {"0.3.0", "0.2.0", "0.1.0", ""},
		"its own":             {"0.3.0", "", "0.3.0", ""},
		"all":                 {"0.1.0 0.2.0", "0.3.0", "0.1.0", ""},
		"all of the revoked":  {"0.1.0 0.2.0", "0.3.0", "0.3.0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			for _, version := range []string{"0.1.0", "0.2.0", "0.3.0"} {
				s.Publish(sitetest.Release("shop", version))
			}
			for _, version := range strings.Fields(c.yanked) {
				s.Publish(sitetest.Recalled("shop", version, sitetest.Yank("old", false)))
			}
			for _, version := range strings.Fields(c.revoked) {
				s.Publish(sitetest.Recalled("shop", version, sitetest.Yank("stolen key", true)))
			}
			set := setOf(t, s)
			update(t, set)
			rel, err := set.Resolve(t.Context(), Ref{Name: "shop", Version: c.version}, false)
			must(t, err)
			if got := rel.Newer(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
