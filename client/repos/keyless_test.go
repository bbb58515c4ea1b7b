package repos

import (
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

// keyless makes a repository whose heads a CI signs that has no key. Its trusted root is
// an object of the site.
func keyless(t *testing.T) (*sitetest.Site, signingtest.Instance) {
	t.Helper()
	s, i := sitetest.New(t), signingtest.New(t)
	s.Now = time.Now() // what the instance proves is real
	root := i.TrustedRoot()
	ref := index.Ref{SHA256: index.DigestOf(root), Size: int64(len(root))}
	s.Put(index.ObjectPath(ref.SHA256), root)
	s.Trust(func(d *trust.Document) {
		d.Sigstore["ours"] = trust.Sigstore{TrustedRoot: ref, Profile: signing.ProfilePrivateTSA}
		d.Signers["workflow"] = trust.Signer{Keyless: &trust.Keyless{Sigstore: "ours", Issuer: signingtest.Issuer, SAN: signingtest.SAN}}
		d.Roles.Provenance = &trust.Role{Signers: []string{"ci"}, Threshold: 1}
		d.Roles.Index.Signers = []string{"workflow"}
	})
	return s, i
}

// signKeyless has the instance sign what is published.
func signKeyless(t *testing.T, s *sitetest.Site, i signingtest.Instance) {
	t.Helper()
	env := must1(index.DecodeEnvelope(s.Get(index.HeadPath)))
	s.Put(index.HeadPath, must1(index.NewEnvelope([]byte(env.Payload), i.Sign([]byte(env.Payload))).Encode()))
}

func TestKeyless(t *testing.T) {
	s, i := keyless(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := setOf(t, s)
	c.Now = time.Now
	if err := c.Update(t.Context(), "", func(Updated) {}); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("a key that the document names for another role: got %v", err)
	}
	signKeyless(t, s, i)
	update(t, c)
	floor := must1(readFloor(c.Home, "main"))
	if since := time.Since(floor.Proven.Time); since < 0 || since > time.Hour {
		t.Errorf("the floor knows a time of %v ago", since)
	}
	c.Now = func() time.Time { return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) }
	asked := len(s.Requests())
	s.Publish(sitetest.Release("a", "1.1.0"))
	signKeyless(t, s, i)
	update(t, c)
	for _, r := range s.Requests()[asked:] {
		if strings.Contains(r, string(index.DigestOf(i.TrustedRoot()))) {
			t.Errorf("asked for the trusted root again: %s", r)
		}
	}

	// What another instance signs, with the same names.
	s.Publish(sitetest.Release("a", "1.2.0"))
	signKeyless(t, s, signingtest.New(t))
	if err := c.Update(t.Context(), "", func(Updated) {}); trust.CodeOf(err) != trust.Unchecked {
		t.Errorf("another instance: got %v, want UNCHECKED", err)
	}
}

// A mirror without the trusted root, or with another one in its place, cannot make a
// client take what it cannot check; with it, the next update goes on.
func TestKeylessWithoutItsRoot(t *testing.T) {
	s, i := keyless(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	signKeyless(t, s, i)
	path := index.ObjectPath(index.DigestOf(i.TrustedRoot()))
	c := setOf(t, s)
	c.Now = time.Now
	for name, put := range map[string]func(){
		"gone":  func() { s.Remove(path) },
		"other": func() { s.Put(path, signingtest.New(t).TrustedRoot()) },
	} {
		put()
		if err := c.Update(t.Context(), "", func(Updated) {}); trust.CodeOf(err) != trust.Unchecked {
			t.Errorf("%s: got %v, want UNCHECKED", name, err)
		}
	}
	s.Put(path, i.TrustedRoot())
	update(t, c)
}
