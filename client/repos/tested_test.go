package repos

import (
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

// A test result counts if a holder of the role tests signed it, and of this very release
// on this very server: whoever may write the index cannot lend one release the result of
// another.
func TestTested(t *testing.T) {
	tester := sitetest.NewKey(t)
	for name, l := range map[string]struct {
		by     func(s *sitetest.Site) *signer.Key
		change func(*signing.TestResult)
		code   errcode.Code // "" is verified
	}{
		"by who may":           {nil, nil, ""},
		"by the index key":     {func(s *sitetest.Site) *signer.Key { return s.Key }, nil, trust.WrongSigner},
		"by a stranger":        {func(s *sitetest.Site) *signer.Key { return s.NewKey() }, nil, trust.Signature},
		"of another release":   {nil, func(r *signing.TestResult) { r.Version = "0.9.0" }, trust.Digest},
		"of another Kube":      {nil, func(r *signing.TestResult) { r.Name = "b" }, trust.Digest},
		"of another archive":   {nil, func(r *signing.TestResult) { r.SHA256 = strings.Repeat("0", 64) }, trust.Digest},
		"of another server":    {nil, func(r *signing.TestResult) { r.Server = "1.35.1" }, trust.Digest},
		"of simulated nodes":   {nil, func(r *signing.TestResult) { r.Nodes = "simulated" }, trust.Digest},
		"of a failure":         {nil, func(r *signing.TestResult) { r.Result = signing.TestFailed }, trust.Digest},
		"of another publisher": {nil, func(r *signing.TestResult) { r.Repository = "acme" }, trust.Digest},
	} {
		s := sitetest.New(t)
		s.Trust(func(d *trust.Document) {
			d.Signers["tester"] = trust.KeySigner(tester.Public())
			d.Roles.Tests = &trust.Role{Signers: []string{"tester"}, Threshold: 1}
		})
		s.Publish(sitetest.Release("a", "1.0.0"))
		s.Publish(sitetest.Recalled("a", "1.0.0", func(r *index.Release) {
			says := signing.TestResult{
				Result: signing.TestPassed, Repository: "test", Name: "a", Version: r.Version, Archive: "a-1.0.0.tgz", SHA256: string(r.SHA256), Tar: string(r.Tar),
				Server: "1.36.3", Nodes: "real", Kpm: "1.0.0", Passed: []string{"install"}, Failed: []string{},
				Run: signing.TestRun{Objects: []string{}, Images: []signing.TestImage{}, Warnings: []string{}},
			}
			if l.change != nil {
				l.change(&says)
			}
			key := tester
			if l.by != nil {
				key = l.by(s)
			}
			bundle := must1(key.Attest(must1(says.Statement())))
			ref := index.RefOf(bundle)
			s.Put(index.ObjectPath(ref.SHA256), bundle)
			r.Attestations = append(r.Attestations, index.Attestation{
				Type: signing.TestResultType, Path: index.ObjectPath(ref.SHA256), SHA256: ref.SHA256, Size: ref.Size, Server: "1.36.3", Nodes: "real", Result: signing.TestPassed,
			})
		}))
		c := setOf(t, s)
		update(t, c)
		rel, err := c.Resolve(t.Context(), Ref{Name: "a"}, false)
		must(t, err)
		var by Voucher
		err = by.Tested(t.Context(), rel, "1.36.9")
		if l.code == "" && (err != nil || len(by.Checks) != 1 || !strings.Contains(by.Checks[0].Text, "passed on Kubernetes 1.36.3 with real nodes, signed by tester (")) {
			t.Errorf("%s: %v, %+v", name, err, by.Checks)
		}
		if l.code != "" && !errcode.Has(err, l.code) {
			t.Errorf("%s: got %v, want %s", name, err, l.code)
		}
		had := len(s.Requests())
		if err := new(Voucher).Tested(t.Context(), rel, "1.37.0"); err != nil || len(s.Requests()) != had {
			t.Errorf("%s: on another server: %v, asked for %v", name, err, slices.Clone(s.Requests()[had:]))
		}
	}
}
