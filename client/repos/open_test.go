package repos

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// get opens the Kube of a release, as a command would.
func get(t *testing.T, c *Set, name string) error {
	t.Helper()
	ref, err := ParseRef(name)
	must(t, err)
	rel, err := c.Resolve(t.Context(), ref, false)
	if err != nil {
		return err
	}
	_, _, err = rel.Open(t.Context())
	return err
}

func TestGetRefuses(t *testing.T) {
	archive := index.ArchivePath("a", "1.0.0")
	bundle := index.ProvenancePath("a", "1.0.0")
	elsewhere := sitetest.New(t)
	elsewhere.Publish(sitetest.Release("b", "1.0.0"))
	other := elsewhere.Get(index.ArchivePath("b", "1.0.0"))
	for name, c := range map[string]struct {
		code   trust.Code
		change func(*sitetest.Edition)
		fault  func(*sitetest.Site)
	}{
		"other archive":     {code: trust.Digest, fault: func(s *sitetest.Site) { s.Put(archive, flip(s.Get(archive))) }},
		"longer archive":    {code: trust.Size, fault: func(s *sitetest.Site) { s.Put(archive, append(s.Get(archive), 0)) }},
		"shorter archive":   {code: trust.Size, fault: func(s *sitetest.Site) { s.Put(archive, s.Get(archive)[1:]) }},
		"no archive":        {code: trust.Missing, fault: func(s *sitetest.Site) { s.Remove(archive) }},
		"archive in a loop": {code: trust.Missing, fault: func(s *sitetest.Site) { s.Misbehave(answering(archive, loop)) }},
		"no provenance":     {code: trust.Missing, fault: func(s *sitetest.Site) { s.Remove(bundle) }},
		"other provenance":  {code: trust.Digest, fault: func(s *sitetest.Site) { s.Put(bundle, flip(s.Get(bundle))) }},
		"no document":       {code: trust.Missing, fault: func(s *sitetest.Site) { s.Remove(index.ObjectPath(s.Lines["a"].Doc.SHA256)) }},
		"unlisted provenance": {code: trust.Missing, change: func(e *sitetest.Edition) {
			e.Change = func(r *index.Release) { r.Attestations = nil }
		}},
		"provenance of another archive": {code: trust.Digest, change: func(e *sitetest.Edition) {
			e.Forge = func(p *signing.Provenance) { p.SHA256 = string(index.DigestOf(nil)) }
		}},
		"provenance of another repository": {code: trust.Digest, change: func(e *sitetest.Edition) {
			e.Forge = func(p *signing.Provenance) { p.Repository = "other" }
		}},
		"revoked": {code: trust.Revoked, change: func(e *sitetest.Edition) {
			e.Change = func(r *index.Release) { r.Yanked = &index.Yanked{Reason: "leaks passwords", Revoked: true} }
		}},
		"document without the version that the record shows": {code: trust.Format, change: func(e *sitetest.Edition) {
			e.Record.Version = "9.0.0"
		}},
		"archive of another Kube": {code: trust.Format, change: func(e *sitetest.Edition) {
			e.Forge = func(p *signing.Provenance) { p.SHA256 = string(index.DigestOf(other)) }
			e.Change = func(r *index.Release) { r.SHA256, r.Size = index.DigestOf(other), int64(len(other)) }
		}, fault: func(s *sitetest.Site) { s.Put(archive, other) }},
		"signer without the role": {code: trust.WrongSigner, fault: func(s *sitetest.Site) {}, change: nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			e := sitetest.Release("a", "1.0.0")
			if c.change != nil {
				c.change(e)
			}
			if name == "signer without the role" {
				s.Trust(func(d *trust.Document) { d.Roles.Provenance = &trust.Role{Signers: []string{"boss"}, Threshold: 1} })
			}
			s.Publish(e)
			client := setOf(t, s)
			update(t, client)
			if c.fault != nil {
				c.fault(s)
			}
			err := get(t, client, "a@1.0.0")
			if got := trust.CodeOf(err); got != c.code {
				t.Errorf("got %q (%v), want %s", got, err, c.code)
			}
		})
	}
}

// Index data that expired after the update is not used for a Kube, while search goes on.
func TestGetChecksTheTimeAgain(t *testing.T) {
	for code, later := range map[trust.Code]time.Duration{trust.Frozen: 20 * day, trust.TrustExpired: 400 * day} {
		t.Run(string(code), func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			c := setOf(t, s)
			update(t, c)
			c.Now = func() time.Time { return t0.Add(later) }
			if err := get(t, c, "a"); trust.CodeOf(err) != code {
				t.Errorf("got %v, want %s", err, code)
			}
			if got := hits(t, c, ""); got != "a@1.0.0" {
				t.Errorf("search finds %q", got)
			}
		})
	}
}

func TestGetRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for name, change := range map[string]func(*index.Release){
		"needs":     func(r *index.Release) { r.Needs = []string{"quantum"} },
		"kpm":       func(r *index.Release) { r.KPM = ">=9" },
		"kpm range": func(r *index.Release) { r.KPM = "nine" },
		"withdrawn": func(r *index.Release) { r.Withdrawn = "a court said so" },
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			e := sitetest.Release("a", "1.0.0")
			e.Change = change
			s.Publish(e)
			c := setOf(t, s)
			c.Version = version(t, "1.2.3")
			update(t, c)
			if err := get(t, c, "a@1.0.0"); !errors.Is(err, ErrRefused) {
				t.Errorf("got %v, want ErrRefused", err)
			}
		})
	}
}

// Where one source sends in circles, the next one is asked.
func TestGetGoesOnToTheNextSource(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s, s.Copy())
	update(t, c)
	s.Misbehave(answering(index.ArchivePath("a", "1.0.0"), loop))
	if err := get(t, c, "a"); err != nil {
		t.Error(err)
	}
}

// Who may not come in is told how to say who he is, not to wait.
func TestUpdateOfAPrivateRepository(t *testing.T) {
	for _, code := range []int{401, 403} {
		s := sitetest.New(t)
		s.Publish(sitetest.Release("a", "1.0.0"))
		c := setOf(t, s)
		s.Misbehave(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true })
		_, err := tryUpdate(t, c)
		var refusal *trust.Error
		if !errors.As(err, &refusal) || refusal.Code != trust.Missing || refusal.Facts["private"] == nil {
			t.Errorf("%d: got %v, want MISSING of what may be private", code, err)
		}
	}
}

// A download that broke off goes on where it was.
func TestGetResumes(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	rel, err := c.Resolve(t.Context(), Ref{Name: "a"}, false)
	must(t, err)
	path := index.ArchivePath("a", "1.0.0")
	must(t, os.MkdirAll(c.Home.Archives(), 0o700))
	sharedtest.Write(t, c.Home.Archive(rel.SHA256)+".part", string(s.Get(path)[:100]))
	from := ""
	s.Misbehave(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/"+path {
			from = r.Header.Get("Range")
		}
		return false
	})
	if err := get(t, c, "a"); err != nil {
		t.Fatal(err)
	}
	if from != "bytes=100-" {
		t.Errorf("asked for the range %q, want bytes=100-", from)
	}
}

// Further places of an archive, which the index names, are asked over https and
// in no other way: nobody between may learn what is fetched, and no address of the
// user's own network is asked in the clear.
func TestGetFromFurtherPlaces(t *testing.T) {
	var s *sitetest.Site
	asked := 0
	elsewhere := func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write(s.Get("kept"))
	}
	plain := httptest.NewServer(http.HandlerFunc(elsewhere))
	t.Cleanup(plain.Close)
	safe := httptest.NewTLSServer(http.HandlerFunc(elsewhere))
	t.Cleanup(safe.Close)
	for name, c := range map[string]struct {
		url   string
		asked int
		code  trust.Code
	}{
		"https": {safe.URL, 1, ""},
		"http":  {plain.URL, 0, trust.Missing},
		"file":  {"file:///etc", 0, trust.Missing},
	} {
		t.Run(name, func(t *testing.T) {
			s = sitetest.New(t)
			e := sitetest.Release("a", "1.0.0")
			e.Change = func(r *index.Release) { r.URLs = []string{c.url + "/a.tgz"} }
			s.Publish(e)
			s.Put("kept", s.Get(index.ArchivePath("a", "1.0.0")))
			s.Remove(index.ArchivePath("a", "1.0.0"))
			client := setOf(t, s)
			client.Fetch.Roots = safe.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			update(t, client)
			asked = 0
			err := get(t, client, "a")
			if got := trust.CodeOf(err); got != c.code || (err == nil) != (c.code == "") {
				t.Errorf("got %v, want code %q", err, c.code)
			}
			if asked != c.asked {
				t.Errorf("it was asked %d times, want %d", asked, c.asked)
			}
		})
	}
}
