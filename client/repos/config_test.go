package repos

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

var somePin = &trust.Pin{Version: 1, Digest: index.DigestOf(nil)}

func TestAddRefuses(t *testing.T) {
	for name, r := range map[string]Config{
		"no alias":            {Sources: []string{"https://x"}, Pin: somePin},
		"alias with a slash":  {Alias: "a/b", Sources: []string{"https://x"}, Pin: somePin},
		"alias that hides":    {Alias: ".a", Sources: []string{"https://x"}, Pin: somePin},
		"no source":           {Alias: "a", Pin: somePin},
		"password in the URL": {Alias: "a", Sources: []string{"https://me:secret@x"}, Pin: somePin},
		"file on a host":      {Alias: "a", Sources: []string{"file://host/x"}, Pin: somePin},
		"other scheme":        {Alias: "a", Sources: []string{"ftp://x"}, Pin: somePin},
		"no pin":              {Alias: "a", Sources: []string{"https://x"}},
		"two pins":            {Alias: "a", Sources: []string{"https://x"}, Pin: somePin, Key: "k"},
		"key that is none":    {Alias: "a", Sources: []string{"https://x"}, Key: "k"},
		"identity alone":      {Alias: "a", Sources: []string{"https://x"}, Identity: "me"},
		"grace in weeks":      {Alias: "a", Sources: []string{"https://x"}, Pin: somePin, Grace: "2w"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSet(t)
			if err := c.ConfigFile().Add(t.Context(), r); !errcode.Has(err, errcode.Usage) {
				t.Errorf("got %v, want USAGE", err)
			}
			if _, err := os.Stat(c.Home.Config()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a configuration was written: %v", err)
			}
		})
	}
}

func TestAddRemoveList(t *testing.T) {
	c := newSet(t)
	a := Config{Alias: "a", Sources: []string{"https://a.example", "https://b.example"}, Pin: somePin, TokenEnv: "TOKEN", Grace: "90d"}
	b := Config{Alias: "b", Sources: []string{"file:///srv"}, Key: string(sitetest.NewKey(t).Public().PEM())}
	must(t, c.ConfigFile().Add(t.Context(), a))
	must(t, c.ConfigFile().Add(t.Context(), b))
	if err := c.ConfigFile().Add(t.Context(), a); !errcode.Has(err, errcode.Usage) {
		t.Errorf("adding it twice: got %v, want USAGE", err)
	}
	got, err := c.ConfigFile().Repositories()
	must(t, err)
	if diff := cmp.Diff([]Config{a, b}, got); diff != "" {
		t.Errorf("repositories (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(c.Home.Config()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("configuration: got %v, %v, want mode 0600", info.Mode(), err)
	}
	must(t, c.ConfigFile().Remove(t.Context(), "a"))
	if err := c.ConfigFile().Remove(t.Context(), "a"); !errors.As(err, new(*NotFoundError)) {
		t.Errorf("removing it twice: got %v, want a *NotFoundError", err)
	}
}

func TestParseConfigRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":  "repositories: []\nhook: []\n",
		"no digest":    "hooks: [12]\n",
		"two of one":   "repositories:\n- {alias: a, sources: ['https://x'], trust: " + somePin.String() + "}\n- {alias: a, sources: ['https://x'], trust: " + somePin.String() + "}\n",
		"no YAML":      "\t",
		"broken pin":   "repositories:\n- {alias: a, sources: ['https://x'], trust: 1@sha256:12}\n",
		"alias of ..":  "repositories:\n- {alias: .., sources: ['https://x'], trust: " + somePin.String() + "}\n",
		"not a list":   "repositories: all\n",
		"no trust":     "repositories:\n- {alias: a, sources: ['https://x']}\n",
		"empty source": "repositories:\n- {alias: a, sources: [''], trust: " + somePin.String() + "}\n",
	} {
		if _, err := parseConfig([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := parseConfig(nil); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

// Adding with a pin asks nobody anything.
func TestAddFetchesNothing(t *testing.T) {
	s := sitetest.New(t)
	setOf(t, s)
	if got := s.Requests(); len(got) > 0 {
		t.Errorf("asked for %v", got)
	}
}

func TestDiscover(t *testing.T) {
	s := sitetest.New(t)
	c := newSet(t)
	found, err := c.Discover(t.Context(), Config{Alias: "main", Sources: []string{s.URL}})
	must(t, err)
	if found.Pin != s.Pin || found.Name != s.Name || found.Source == "" || len(found.Signers) == 0 {
		t.Errorf("got %+v", found)
	}
	s.Misbehave(func(w http.ResponseWriter, r *http.Request) bool { page(w, r); return true })
	if _, err := c.Discover(t.Context(), Config{Alias: "main", Sources: []string{s.URL}}); trust.CodeOf(err) != trust.Format {
		t.Errorf("a page: got %v, want FORMAT", err)
	}
}

// statusOf tells how a repository stands.
func statusOf(c *Set) (Status, error) {
	r, err := c.Repository("main")
	if err != nil {
		return Status{}, err
	}
	return r.Status(), nil
}

func TestStatus(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	st, err := statusOf(c)
	must(t, err)
	if !errcode.Has(st.Err, errcode.NeverUpdated) || *st.Pin != s.Pin {
		t.Errorf("before the first update: got %+v", st)
	}
	update(t, c)
	st, err = statusOf(c)
	must(t, err)
	if st.Err != nil || st.Name != "test" || st.Kubes != 1 || st.Seq != 1 || len(st.Signers) != 2 {
		t.Errorf("got %+v", st)
	}
	c.Now = func() time.Time { return t0.Add(20 * day) }
	if st, err = statusOf(c); err != nil || trust.CodeOf(st.Err) != trust.Frozen {
		t.Errorf("20 days later: got %v, %v, want FROZEN", st.Err, err)
	}
}

func TestDoctor(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	well := func() bool {
		for _, f := range c.Doctor() {
			if !f.OK {
				return false
			}
		}
		return true
	}
	if well() {
		t.Error("a repository that was never updated is fine")
	}
	update(t, c)
	if !well() {
		t.Errorf("after an update: got %+v", c.Doctor())
	}
	c.Now = func() time.Time { return t0.Add(12 * day) }
	if well() {
		t.Error("an index that expires in two days is fine")
	}
	c.Now = func() time.Time { return t0 }
	c.Close()
	sharedtest.Overwrite(t, filepath.Join(c.Home.Repository("main"), "gen-*", "index", "store", "*.zap"), "x")
	if well() {
		t.Error("a damaged catalog is fine")
	}
}

func TestHomeThatOthersMayWriteTo(t *testing.T) {
	for _, what := range []func(home.Home) string{func(h home.Home) string { return h.Dir }, home.Home.Config, home.Home.Repositories} {
		s := sitetest.New(t)
		s.Publish(sitetest.Release("a", "1.0.0"))
		c := setOf(t, s)
		update(t, c)
		must(t, os.Chmod(what(c.Home), 0o777))
		if _, err := c.Search(t.Context(), "", "", 0); !errors.Is(err, home.ErrExposed) {
			t.Errorf("%s: got %v, want ErrExposed", what(c.Home), err)
		}
	}
}

// A credential goes to the source that the user typed, and to no mirror.
func TestTokenStaysAtHome(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	mirror := s.Copy()
	seen := map[string]string{}
	note := func(who string) func(http.ResponseWriter, *http.Request) bool {
		return func(_ http.ResponseWriter, r *http.Request) bool {
			if h := r.Header.Get("Authorization"); h != "" {
				seen[who] = h
			}
			return false
		}
	}
	s.Misbehave(note("source"))
	mirror.Misbehave(note("mirror"))
	c := newSet(t)
	c.Token = func(name string) string { return map[string]string{"TOKEN": "secret"}[name] }
	must(t, c.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{s.URL, mirror.URL}, Pin: &s.Pin, TokenEnv: "TOKEN"}))
	update(t, c)
	if diff := cmp.Diff(map[string]string{"source": "Bearer secret"}, seen); diff != "" {
		t.Errorf("credentials seen (-want +got):\n%s", diff)
	}
}

func TestParseGrace(t *testing.T) {
	if got, err := parseGrace("90d"); got != 90*day || err != nil {
		t.Errorf("90d: got %v, %v", got, err)
	}
	for _, text := range []string{"2 weeks", "-1d", "4000d", "d"} {
		if got, err := parseGrace(text); !errcode.Has(err, errcode.Usage) {
			t.Errorf("%s: got %v, %v, want USAGE", text, got, err)
		}
	}
}
