package repos

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

// loneArchive is an archive of a@VERSION and a bundle for it, signed by key and, but for
// what change changes, of the repository test.
func loneArchive(t *testing.T, key *signer.Key, version string, change func(*signing.Provenance)) (*kube.Kube, []byte, []byte) {
	t.Helper()
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", version))
	archive := s.Get(index.ArchivePath("a", version))
	k, err := kube.Unpack(bytes.NewReader(archive), "", "")
	must(t, err)
	p := signing.Provenance{Repository: "test", Name: "a", Version: version, Archive: "a.tgz", SHA256: string(index.DigestOf(archive)), Commit: "c0ffee"}
	if change != nil {
		change(&p)
	}
	return k, archive, must1(key.Attest(must1(p.Statement())))
}

// A lone archive counts if a holder of the role provenance of now signed it, or the index
// lists it. A stolen index key vouches for nothing that the index does not list, once it
// was taken away. Bad signature, somebody else's signature, and what cannot be checked
// are three answers.
func TestVouchForLoneArchive(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	stolen := s.Key
	replaced(t, s)
	s.Publish(sitetest.Recalled("a", "1.0.0", sitetest.Yank("leaks", true)), sitetest.Release("b", "1.0.0"))
	c := setOf(t, s)
	update(t, c)
	same := func(*signing.Provenance) {}
	for name, l := range map[string]struct {
		key     *signer.Key
		version string
		change  func(*signing.Provenance)
		code    errcode.Code // "" is verified
	}{
		"by who may":            {s.Key, "2.0.0", same, ""},
		"by the stolen key":     {stolen, "2.0.0", same, trust.WrongSigner},
		"by the trust key":      {s.Boss, "2.0.0", same, trust.WrongSigner},
		"by a stranger":         {s.NewKey(), "2.0.0", same, trust.Signature},
		"of another archive":    {s.Key, "2.0.0", func(p *signing.Provenance) { p.SHA256 = strings.Repeat("0", 64) }, trust.Digest},
		"of another name":       {s.Key, "2.0.0", func(p *signing.Provenance) { p.Name = "b" }, trust.Digest},
		"of another version":    {s.Key, "2.0.0", func(p *signing.Provenance) { p.Version = "1.0.0" }, trust.Digest},
		"of another repo":       {s.Key, "2.0.0", func(p *signing.Provenance) { p.Repository = "acme" }, trust.Digest},
		"of a listed version":   {s.Key, "1.0.0", same, trust.Revoked},
		"without a bundle":      {nil, "2.0.0", same, trust.Unlisted},
		"with half of a bundle": {nil, "2.0.0", nil, trust.Signature},
	} {
		key := l.key
		if key == nil {
			key = s.Key
		}
		k, archive, bundle := loneArchive(t, key, l.version, l.change)
		switch {
		case l.key == nil && l.change == nil:
			bundle = bundle[:len(bundle)/2]
		case l.key == nil:
			bundle = nil
		}
		rel, checks, err := c.Vouch(t.Context(), k, archive, bundle)
		if len(checks) == 0 {
			t.Errorf("%s: nothing is said to have been checked", name)
			continue
		}
		last := checks[len(checks)-1]
		var coded interface{ ErrorCode() errcode.Code }
		switch {
		case l.code == "" && (err != nil || !last.OK || rel.By.Commit != "c0ffee" || !strings.HasPrefix(rel.By.Signer, "ci (key ")):
			t.Errorf("%s: %v, checks %v", name, err, checks)
		case l.code != "" && (!errors.As(err, &coded) || coded.ErrorCode() != l.code || last.OK):
			t.Errorf("%s: got %v, want %s; checks %v", name, err, l.code, checks)
		}
	}
}

// The policies for provenance, each with releases that have none, that have one which
// does not fit, and what nobody vouches for.
func TestProvenancePolicy(t *testing.T) {
	for policy, want := range map[string]struct{ none, unfit, requires trust.Code }{
		"":                 {trust.Missing, trust.Digest, ""},
		ignoreProvenance:   {"", "", ""},
		optionalProvenance: {"", trust.Digest, ""},
		requireProvenance:  {trust.Missing, trust.Digest, "main"},
	} {
		s := sitetest.New(t)
		none, unfit := sitetest.Release("none", "1.0.0"), sitetest.Release("unfit", "1.0.0")
		none.Change = func(r *index.Release) { r.Attestations = nil }
		unfit.Forge = func(p *signing.Provenance) { p.Version = "2.0.0" }
		s.Publish(none, unfit)
		c := newSet(t)
		must(t, c.ConfigFile().Add(t.Context(), Config{Alias: "main", Sources: []string{s.URL}, Pin: &s.Pin, Provenance: policy}))
		update(t, c)
		if err := get(t, c, "none"); trust.CodeOf(err) != want.none {
			t.Errorf("policy %q, none: got %v, want %q", policy, err, want.none)
		}
		if err := get(t, c, "unfit"); trust.CodeOf(err) != want.unfit {
			t.Errorf("policy %q, one that does not fit: got %v, want %q", policy, err, want.unfit)
		}
		if alias, err := c.Requires("none"); alias != string(want.requires) || err != nil {
			t.Errorf("policy %q, a folder: refused by %q (%v), want %q", policy, alias, err, want.requires)
		}
		if alias, err := c.Requires("other"); alias != "" || err != nil {
			t.Errorf("policy %q, a folder of a Kube that nobody publishes: refused by %q (%v)", policy, alias, err)
		}
	}
	if err := newSet(t).ConfigFile().Add(t.Context(), Config{Alias: "x", Sources: []string{"https://x"}, Pin: &trust.Pin{}, Provenance: "no"}); err == nil {
		t.Error("a policy that does not exist was taken")
	}
}
