package repos

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// replaced publishes with another index key from the next trust document on.
func replaced(t *testing.T, s *sitetest.Site) {
	t.Helper()
	s.Key = s.NewKey()
	s.Trust(nil)
}

// An update says when a repository's trust changed: who came, who went, signed by
// whom, even when the update fails after that.
func TestUpdateTellsOfTrust(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	replaced(t, s)
	s.Remove(index.HeadPath)
	var told []string
	err := c.Update(t.Context(), "", func(u Updated) { told = append(told, u.Trust...) })
	if trust.CodeOf(err) != trust.Missing {
		t.Errorf("without a head: %v", err)
	}
	s.Publish(sitetest.Release("a", "1.1.0"))
	if err := c.Update(t.Context(), "", func(u Updated) { told = append(told, u.Trust...) }); err != nil {
		t.Fatal(err)
	}
	if len(told) < 3 || told[0] != "trust document 2, signed by boss" || !strings.HasPrefix(told[1], "came: ci (index, provenance, tests), key ") || !strings.HasPrefix(told[2], "went: ci (index") {
		t.Errorf("told %q", told)
	}
	if slices.Index(told[1:], told[0]) >= 0 {
		t.Errorf("told twice: %q", told)
	}
}

// What was released under a key that was replaced since can be had: by who was there,
// and by who came later and is pinned to a later document.
func TestReleasesOfReplacedSigner(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	old := setOf(t, s)
	update(t, old)
	replaced(t, s)
	s.Publish(sitetest.Release("b", "1.0.0"))
	late := setOf(t, s)
	pin := trust.PinOf(2, must1(index.DecodeEnvelope(s.Get(index.TrustPath(2)))))
	must(t, late.ConfigFile().Add(t.Context(), Config{Alias: "late", Sources: []string{s.URL}, Pin: &pin}))
	for name, c := range map[string]*Set{"early/a": old, "late/a": late, "late/b": late} {
		update(t, c)
		if err := get(t, c, strings.Replace(name, "early/", "", 1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Documents before the pinned one that do not lead to it are none.
	lone := setOf(t, s)
	must(t, lone.ConfigFile().Add(t.Context(), Config{Alias: "late", Sources: []string{s.URL}, Pin: &pin}))
	stranger := sitetest.New(t)
	s.Put(index.TrustPath(1), stranger.Get(index.TrustPath(1)))
	must(t, lone.Update(t.Context(), "late", func(Updated) {}))
	if err := get(t, lone, "late/a"); trust.CodeOf(err) != trust.Signature {
		t.Errorf("with another document 1: got %v, want %s", err, trust.Signature)
	}
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A wrong pin or key, or an address where nothing is, is told before it is added.
func TestProbe(t *testing.T) {
	s, other := sitetest.New(t), sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	page := func(w http.ResponseWriter, _ *http.Request) bool {
		_, err := w.Write([]byte("<html>"))
		return err == nil
	}
	elsewhere := sitetest.New(t)
	elsewhere.Misbehave(page)
	for name, r := range map[string]struct {
		config Config
		code   trust.Code
	}{
		"pin":               {Config{Sources: []string{s.URL}, Pin: &s.Pin}, ""},
		"key":               {Config{Sources: []string{s.URL}, Key: string(s.Key.Public().PEM())}, ""},
		"second source":     {Config{Sources: []string{other.URL, s.URL}, Pin: &s.Pin}, ""},
		"other pin":         {Config{Sources: []string{s.URL}, Pin: &other.Pin}, trust.TrustPin},
		"other key":         {Config{Sources: []string{s.URL}, Key: string(s.NewKey().Public().PEM())}, trust.Signature},
		"nothing published": {Config{Sources: []string{other.URL}, Key: string(s.Key.Public().PEM())}, trust.Missing},
		"nothing there":     {Config{Sources: []string{s.URL + "/nowhere"}, Pin: &s.Pin}, trust.Missing},
		"a web page":        {Config{Sources: []string{elsewhere.URL}, Pin: &s.Pin}, trust.Format},
	} {
		r.config.Alias = "x"
		if err := c.Probe(t.Context(), r.config); trust.CodeOf(err) != r.code || (err == nil) != (r.code == "") {
			t.Errorf("%s: got %v, want %q", name, err, r.code)
		}
	}
	if err := c.Probe(t.Context(), Config{Alias: "x", Sources: []string{"http://127.0.0.1:1"}, Pin: &s.Pin}); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("nobody there: %v", err)
	}
	c.Offline = true
	if err := c.Probe(t.Context(), Config{Alias: "x", Sources: []string{s.URL}, Pin: &other.Pin}); err != nil {
		t.Errorf("offline: %v", err)
	}
}

// A status says whom one trusts, since when and until when: since the first document
// that names somebody was taken, whatever came after it.
func TestTrustedSince(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	now := sitetest.Start()
	c := setOf(t, s)
	c.Now = func() time.Time { return now }
	update(t, c)
	now = now.Add(3 * day)
	replaced(t, s)
	s.Publish(sitetest.Release("b", "1.0.0"))
	update(t, c)
	all, err := c.Repositories()
	must(t, err)
	st := all[0].Status()
	got := map[string]time.Duration{}
	for _, signer := range st.Signers {
		got[signer.Name] = signer.Since.Sub(sitetest.Start())
	}
	if got["boss"] != 0 || got["ci"] != 3*day || st.TrustSince.Sub(sitetest.Start()) != 3*day {
		t.Errorf("since %v, document since %v", got, st.TrustSince)
	}
	for _, f := range c.Doctor() {
		if strings.HasPrefix(f.Text, "trusts ") {
			if want := "trusts boss (trust), ci (index, provenance, tests) by trust document 2, since 2026-11-04, until " + st.TrustExpires.Format(time.DateOnly); f.Text != want || !f.OK {
				t.Errorf("got %q, want %q", f.Text, want)
			}
			return
		}
	}
	t.Error("the doctor does not say whom one trusts")
}
