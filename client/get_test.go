package client

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// get gets a Kube as a user would who answers every question with yes.
func get(t *testing.T, c *Client, name string) (*workcopy.Checkout, error) {
	t.Helper()
	ref, err := ParseRef(name)
	if err != nil {
		return nil, err
	}
	rel, err := c.Resolve(t.Context(), ref, false)
	if err != nil {
		return nil, err
	}
	co, err := c.Checkout(t.Context(), rel)
	if err != nil {
		return nil, err
	}
	return co, c.Copies().Commit(t.Context(), co)
}

// checkout is get without its end.
func checkout(t *testing.T, c *Client, name string) (*workcopy.Checkout, error) {
	t.Helper()
	rel, err := c.Resolve(t.Context(), Ref{Name: name}, false)
	must(t, err)
	return c.Checkout(t.Context(), rel)
}

func TestGetMakesAWorkingCopy(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range co.Kube.Files {
		data, err := os.ReadFile(filepath.Join(co.Dir, f.Path))
		if err != nil || string(data) != string(f.Data) {
			t.Errorf("%s: got %q, %v, want %q", f.Path, data, err, f.Data)
		}
	}
	if edits, err := c.Copies().Edits("a"); len(edits) > 0 || err != nil {
		t.Errorf("a fresh copy has the edits %v, %v", edits, err)
	}
	o, ok, err := c.Copies().Origin("a")
	if err != nil || !ok || o.Repository != "test" || o.Alias != "main" || o.Version != "1.0.0" {
		t.Errorf("origin: got %+v, %v, %v", o, ok, err)
	}
}

// What was fetched once works without a network, and is hashed at each use.
func TestGetOffline(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	if err != nil {
		t.Fatal(err)
	}
	c.Offline = true
	if _, err := get(t, c, "a"); err != nil {
		t.Errorf("offline: %v", err)
	}
	archive := c.Home.Archive(co.Origin.Archive)
	write(t, archive, "something else")
	if _, err := get(t, c, "a"); !errors.Is(err, ErrOffline) {
		t.Errorf("with a damaged archive: got %v, want ErrOffline", err)
	}
	c.Offline = false
	if _, err := get(t, c, "a"); err != nil {
		t.Errorf("fetching the damaged archive again: %v", err)
	}
}

func TestGetNeverLosesEdits(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(t *testing.T, dir string)
		want []string
	}{
		"changed": {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "K3.yaml"), "x") }, []string{"K3.yaml"}},
		"added":   {func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".notes"), "x") }, []string{".notes"}},
		"removed": {func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "run.sh"))) }, []string{"run.sh"}},
		"linked": {func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "run.sh")))
			must(t, os.Symlink("K3.yaml", filepath.Join(dir, "run.sh")))
		}, []string{"run.sh"}},
		"replaced": {func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)); write(t, dir, "mine") }, []string{".", "K3.yaml", "manifests/a.yaml", "run.sh"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			client := clientOf(t, s)
			update(t, client)
			co, err := get(t, client, "a")
			must(t, err)
			c.edit(t, co.Dir)
			again, err := checkout(t, client, "a")
			must(t, err)
			if len(again.Edited) == 0 {
				t.Fatal("no question is asked")
			}
			if diff := cmp.Diff(c.want, again.Edited); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
			must(t, client.Copies().Commit(t.Context(), again))
			if edits, err := client.Copies().Edits("a"); len(edits) > 0 || err != nil {
				t.Errorf("after yes: got edits %v, %v", edits, err)
			}
		})
	}
}

// An edit between question and answer is not lost.
func TestCommitAfterALateEdit(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	must(t, err)
	again, err := checkout(t, c, "a")
	must(t, err)
	write(t, filepath.Join(co.Dir, "K3.yaml"), "mine")
	if err := c.Copies().Commit(t.Context(), again); err == nil {
		t.Error("the edit was overwritten")
	}
}

// A kpm that was killed between putting a copy in place and noting its origin
// leaves no edits behind.
func TestGetAfterAKill(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	_, err := get(t, c, "a")
	must(t, err)
	old, err := os.ReadFile(c.Home.Origin("a"))
	must(t, err)
	s.Publish(sitetest.Release("a", "2.0.0"))
	update(t, c)
	_, err = get(t, c, "a")
	must(t, err)
	must(t, os.Rename(c.Home.Origin("a"), c.Home.NextOrigin("a")))
	write(t, c.Home.Origin("a"), string(old))
	if o, ok, err := c.Copies().Origin("a"); o.Version != "2.0.0" || !ok || err != nil {
		t.Errorf("origin: got %s, %v, %v, want 2.0.0", o.Version, ok, err)
	}
	if edits, err := c.Copies().Edits("a"); len(edits) > 0 || err != nil {
		t.Errorf("got the edits %v, %v", edits, err)
	}
	s.Publish(sitetest.Release("a", "3.0.0"))
	update(t, c)
	co, err := get(t, c, "a")
	if err != nil || len(co.Edited) > 0 {
		t.Errorf("the next get: %v, edits %v", err, co.Edited)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A user's own folder of that name is an edit as a whole.
func TestGetBesideAFolderOfTheUser(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	must(t, os.MkdirAll(c.Home.Copy("a"), 0o755))
	write(t, filepath.Join(c.Home.Copy("a"), "thesis.txt"), "years of work")
	rel, err := c.Resolve(t.Context(), Ref{Name: "a"}, false)
	must(t, err)
	co, err := c.Checkout(t.Context(), rel)
	must(t, err)
	if len(co.Edited) == 0 {
		t.Error("no question is asked")
	}
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
			client := clientOf(t, s)
			update(t, client)
			if c.fault != nil {
				c.fault(s)
			}
			_, err := get(t, client, "a@1.0.0")
			if got := trust.CodeOf(err); got != c.code {
				t.Errorf("got %q (%v), want %s", got, err, c.code)
			}
			if _, err := os.Stat(client.Home.Copy("a")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a working copy was made: %v", err)
			}
		})
	}
}

// Index data that expired after the update is not turned into a working copy,
// while search goes on.
func TestGetChecksTheTimeAgain(t *testing.T) {
	for code, later := range map[trust.Code]time.Duration{trust.Frozen: 20 * day, trust.TrustExpired: 400 * day} {
		t.Run(string(code), func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			c := clientOf(t, s)
			update(t, c)
			c.Now = func() time.Time { return t0.Add(later) }
			if _, err := get(t, c, "a"); trust.CodeOf(err) != code {
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
			c := clientOf(t, s)
			c.Version = version(t, "1.2.3")
			update(t, c)
			if _, err := get(t, c, "a@1.0.0"); !errors.As(err, new(*RefusedError)) {
				t.Errorf("got %v, want a *RefusedError", err)
			}
		})
	}
}

// Where one source sends in circles, the next one is asked.
func TestGetGoesOnToTheNextSource(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s, s.Copy())
	update(t, c)
	s.Misbehave(answering(index.ArchivePath("a", "1.0.0"), loop))
	if _, err := get(t, c, "a"); err != nil {
		t.Error(err)
	}
}

// Who may not come in is told how to say who he is, not to wait.
func TestUpdateOfAPrivateRepository(t *testing.T) {
	for _, code := range []int{401, 403} {
		s := sitetest.New(t)
		s.Publish(sitetest.Release("a", "1.0.0"))
		c := clientOf(t, s)
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
	c := clientOf(t, s)
	update(t, c)
	rel, err := c.Resolve(t.Context(), Ref{Name: "a"}, false)
	must(t, err)
	path := index.ArchivePath("a", "1.0.0")
	must(t, os.MkdirAll(c.Home.Archives(), 0o700))
	write(t, c.Home.Archive(rel.SHA256)+".part", string(s.Get(path)[:100]))
	from := ""
	s.Misbehave(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/"+path {
			from = r.Header.Get("Range")
		}
		return false
	})
	if _, err := get(t, c, "a"); err != nil {
		t.Fatal(err)
	}
	if from != "bytes=100-" {
		t.Errorf("asked for the range %q, want bytes=100-", from)
	}
}
