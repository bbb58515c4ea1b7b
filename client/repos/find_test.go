package repos

import (
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

func version(t *testing.T, s string) *semver.Version {
	t.Helper()
	v, err := semver.StrictNewVersion(s)
	must(t, err)
	return v
}

func TestChoose(t *testing.T) {
	plain := func(v string) index.Release { return index.Release{Version: v} }
	yanked := func(v string) index.Release { return index.Release{Version: v, Yanked: &index.Yanked{Reason: "bad"}} }
	withdrawn := func(v string) index.Release { return index.Release{Version: v, Withdrawn: "law"} }
	for name, c := range map[string]struct {
		releases []index.Release
		version  string
		pre      bool
		want     string
	}{
		"highest stable":               {releases: []index.Release{plain("2.0.0-rc.1"), plain("1.10.0"), plain("1.9.0")}, want: "1.10.0"},
		"pre-release when asked":       {releases: []index.Release{plain("2.0.0-rc.1"), plain("1.10.0")}, pre: true, want: "2.0.0-rc.1"},
		"pre-release when alone":       {releases: []index.Release{plain("2.2.0-beta3"), plain("2.2.0-beta2")}, want: "2.2.0-beta3"},
		"yanked is not chosen":         {releases: []index.Release{yanked("2.0.0"), plain("1.0.0")}, want: "1.0.0"},
		"yanked is there when named":   {releases: []index.Release{yanked("2.0.0"), plain("1.0.0")}, version: "2.0.0", want: "2.0.0"},
		"all yanked: the highest":      {releases: []index.Release{yanked("2.0.0"), yanked("1.0.0")}, want: "2.0.0"},
		"withdrawn is not chosen":      {releases: []index.Release{withdrawn("2.0.0"), plain("1.0.0")}, want: "1.0.0"},
		"build metadata is kept":       {releases: []index.Release{plain("1.0.0+b7")}, want: "1.0.0+b7"},
		"no such version":              {releases: []index.Release{plain("1.0.0")}, version: "1.0.1", want: ""},
		"nothing that could be chosen": {releases: []index.Release{withdrawn("1.0.0")}, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			rel, err := Choose(&index.Document{Name: "a", Releases: c.releases}, c.version, c.pre)
			if rel.Version != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v, want %q", rel.Version, err, c.want)
			}
			if err != nil && !errors.As(err, new(*NotFoundError)) {
				t.Errorf("got %v, want a *NotFoundError", err)
			}
		})
	}
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]Ref{
		"etcd":                {Name: "etcd"},
		"etcd@2.2.0-beta3":    {Name: "etcd", Version: "2.2.0-beta3"},
		"main/etcd":           {Repository: "main", Name: "etcd"},
		"main/etcd@1.0.0+a":   {Repository: "main", Name: "etcd", Version: "1.0.0+a"},
		"./etcd":              {Path: "./etcd"},
		"../etcd":             {Path: "../etcd"},
		".":                   {Path: "."},
		"/srv/etcd":           {Path: "/srv/etcd"},
		"etcd-1.0.0.tgz":      {Path: "etcd-1.0.0.tgz"},
		"down/etcd-1.0.0.tgz": {Path: "down/etcd-1.0.0.tgz"},
	} {
		got, err := ParseRef(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("ParseRef(%q): %v (-want +got):\n%s", text, err, diff)
		}
		if got.String() != text {
			t.Errorf("String: got %q, want %q", got, text)
		}
	}
	for _, text := range []string{"", "Etcd", "etcd@", "etcd@1", "etcd@latest", "a/b/c", "/", "-etcd", "etcd@1.0.0@2.0.0", "Main/etcd", "main/", "nul"} {
		ref, err := ParseRef(text)
		if !errcode.Has(err, errcode.Usage) && ref.Path == "" {
			t.Errorf("ParseRef(%q): got %+v, %v, want USAGE", text, ref, err)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{"etcd", "main/etcd@1.0.0", "./x", "a@b@c", "x.tgz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := ParseRef(s)
		if err == nil && ref.String() != s {
			t.Errorf("got %q from %q", ref, s)
		}
	})
}

// A bare name that two repositories have is for the user to decide.
func TestResolveInTwoRepositories(t *testing.T) {
	one, two := sitetest.New(t), sitetest.New(t)
	one.Publish(sitetest.Release("etcd", "1.0.0"), sitetest.Release("only-one", "1.0.0"))
	two.Publish(sitetest.Release("etcd", "9.0.0"))
	c := setOf(t, one)
	must(t, c.ConfigFile().Add(t.Context(), Config{Alias: "two", Sources: []string{two.URL}, Pin: &two.Pin}))
	must(t, c.Update(t.Context(), "", func(Updated) {}))
	_, err := c.Resolve(t.Context(), Ref{Name: "etcd"}, false)
	var choices any
	for code, facts := range errcode.All(err) {
		if code == errcode.Ambiguous {
			choices = facts["choices"]
		}
	}
	if diff := cmp.Diff([]string{"main/etcd", "two/etcd"}, choices); diff != "" {
		t.Errorf("%v: choices (-want +got):\n%s", err, diff)
	}
	for ref, want := range map[Ref]string{
		{Repository: "main", Name: "etcd"}: "1.0.0", {Repository: "two", Name: "etcd"}: "9.0.0", {Name: "only-one"}: "1.0.0",
	} {
		rel, err := c.Resolve(t.Context(), ref, false)
		if err != nil || rel.Version != want {
			t.Errorf("%s: got %s, %v, want %s", ref, rel.Version, err, want)
		}
	}
	found, err := c.Search(t.Context(), "", "etcd", 0)
	must(t, err)
	if len(found.Hits) != 2 || found.Hits[0].Repository != "main" || found.Hits[1].Repository != "two" {
		t.Errorf("search: got %+v", found.Hits)
	}
}

func TestResolveWhatIsNotThere(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("etcd-standalone", "1.0.0"), sitetest.Release("old", "1.0.0"))
	s.Publish(sitetest.Gone("old", "nobody looks after it"))
	c := setOf(t, s)
	if _, err := c.Resolve(t.Context(), Ref{Name: "etcd"}, false); !errcode.Has(err, errcode.NeverUpdated) {
		t.Errorf("before the first update: got %v, want NEVER_UPDATED", err)
	}
	update(t, c)
	var missing *NotFoundError
	if _, err := c.Resolve(t.Context(), Ref{Name: "etcd-standalon"}, false); !errors.As(err, &missing) || len(missing.Near) == 0 {
		t.Errorf("misspelled: got %v, want a *NotFoundError with a hint", err)
	}
	if _, err := c.Resolve(t.Context(), Ref{Name: "old"}, false); !errcode.Has(err, errcode.Gone) || !strings.HasSuffix(err.Error(), ": nobody looks after it") {
		t.Errorf("gone: got %v, want GONE with the reason", err)
	}
	if _, err := c.Resolve(t.Context(), Ref{Repository: "other", Name: "old"}, false); !errors.As(err, &missing) {
		t.Errorf("no such repository: got %v, want a *NotFoundError", err)
	}
}
