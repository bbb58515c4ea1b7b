package signing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/testing/data"
	"github.com/sigstore/sigstore-go/pkg/verify"

	"github.com/kpm-sh/kpm/signing/signingtest"
)

var testIdentity = Identity{Issuer: signingtest.Issuer, SAN: signingtest.SAN}

// instance is a Sigstore instance in memory with its trusted root.
type instance struct {
	signingtest.Instance
	root *TrustedRoot
}

func newInstance(t *testing.T) instance {
	t.Helper()
	i := signingtest.New(t)
	trusted, err := ParseTrustedRoot(i.TrustedRoot())
	check(t, err)
	return instance{i, trusted}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// opened opens a bundle as one of the identity under a profile.
func opened(t *testing.T, text []byte, id Identity, r *TrustedRoot, profile Profile) (Verified, error) {
	t.Helper()
	v, err := KeylessVerifier(id, r, profile)
	check(t, err)
	return OpenStatement(text, Policy{[]Verifier{v}, 1})
}

const aStatement = `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"` + "0000000000000000000000000000000000000000000000000000000000000000" + `"}}],"predicateType":"https://example.org/a","predicate":{}}`

func TestKeyless(t *testing.T) {
	i := newInstance(t)
	b := i.Encode(i.Attest([]byte(aStatement)))
	v, err := opened(t, b, testIdentity, i.root, ProfilePrivateLog)
	if err != nil || string(v.Bytes()) != aStatement || v.Signers()[0] != testIdentity {
		t.Errorf("got %q by %v, %v", v.Bytes(), v.Signers(), err)
	}
	if _, err := opened(t, b, testIdentity, i.root, ProfilePrivateTSA); err != nil {
		t.Errorf("the timestamp alone: %v", err)
	}
	if _, err := opened(t, b, testIdentity, i.root, ProfilePublic); err == nil {
		t.Error("a certificate that is in no certificate log is taken as one of the public instance")
	}
}

// A bundle that an instance with Rekor v1 made, whose signed entry timestamp is its only
// proof of a time.
func TestRekorV1(t *testing.T) {
	id := Identity{Issuer: "http://oidc.local:8080", SAN: "foo!oidc.local"}
	trusted := &TrustedRoot{material: data.TrustedRoot(t, "scaffolding.json")}
	b := &parsed{bundle: data.Bundle(t, "othername.sigstore.json")}
	sum, err := hex.DecodeString("bc103b4a84971ef6459b294a2b98568a2bfb72cded09d4acd1e16366a401f95b")
	check(t, err)
	v, err := KeylessVerifier(id, trusted, ProfilePrivateLog)
	check(t, err)
	if _, err := v.verify(b, verify.WithArtifactDigest("sha256", sum)); err != nil {
		t.Error(err)
	}
	v, err = KeylessVerifier(id, trusted, ProfilePrivateTSA)
	check(t, err)
	if _, err := v.verify(b, verify.WithArtifactDigest("sha256", sum)); err == nil || !strings.Contains(err.Error(), "proves a time") {
		t.Errorf("without a timestamp authority: got %v", err)
	}
}

// Each breaks one thing of a bundle that is good.
func TestKeylessRefused(t *testing.T) {
	i, other := newInstance(t), newInstance(t)
	material := func(b *protobundle.Bundle) *protobundle.VerificationMaterial { return b.VerificationMaterial }
	for name, c := range map[string]struct {
		change    func(*protobundle.Bundle)
		id        Identity
		root      *TrustedRoot
		want      string // in the error
		unchecked bool   // it cannot be checked
	}{
		"another workflow": {id: Identity{Issuer: signingtest.Issuer, SAN: strings.Replace(signingtest.SAN, "main", "pr", 1)}, want: "validly signed, by " + signingtest.SAN},
		"another issuer":   {id: Identity{Issuer: "https://other.example", SAN: signingtest.SAN}, want: "validly signed, by " + signingtest.SAN},
		"another caller":   {id: Identity{Issuer: signingtest.Issuer, SAN: signingtest.SAN, SourceRepository: "https://ci.example/acme"}, want: "validly signed, by " + signingtest.SAN},
		"a prefix":         {id: Identity{Issuer: signingtest.Issuer, SAN: signingtest.SAN[:20]}, want: "validly signed, by " + signingtest.SAN},
		"no log entry":     {change: func(b *protobundle.Bundle) { material(b).TlogEntries = nil }, want: "no entry of a log"},
		"no proof":         {change: func(b *protobundle.Bundle) { material(b).TlogEntries[0].InclusionProof = nil }, want: "inclusion proof"},
		"no time": {change: func(b *protobundle.Bundle) {
			material(b).TimestampVerificationData, material(b).TlogEntries[0].InclusionPromise = nil, nil
		}, want: "nothing in it proves a time"},
		"another instance": {root: other.root, want: "the trusted root does not know who issued the certificate", unchecked: true},
		"another entry": {change: func(b *protobundle.Bundle) {
			material(b).TlogEntries = material(i.Attest([]byte(strings.Replace(aStatement, `"a"`, `"b"`, 1)))).TlogEntries
		}, want: "verif"},
		"another statement": {change: func(b *protobundle.Bundle) {
			b.GetDsseEnvelope().Payload = []byte(strings.Replace(aStatement, `"a"`, `"b"`, 1))
		}, want: "verif"},
		"another certificate": {change: func(b *protobundle.Bundle) {
			material(b).Content = material(i.Attest([]byte(aStatement))).Content
		}, want: "verif"},
		"no certificate": {change: func(b *protobundle.Bundle) {
			material(b).Content = &protobundle.VerificationMaterial_Certificate{Certificate: &protocommon.X509Certificate{RawBytes: []byte("AAAA")}}
		}, want: "certificate"},
	} {
		id, r := testIdentity, i.root
		if c.id != (Identity{}) {
			id = c.id
		}
		if c.root != nil {
			r = c.root
		}
		b := i.Attest([]byte(aStatement))
		if c.change != nil {
			c.change(b)
		}
		_, err := opened(t, i.Encode(b), id, r, ProfilePrivateLog)
		if !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		var unchecked *UncheckedError
		if errors.As(err, &unchecked) != c.unchecked {
			t.Errorf("%s: got %v, unchecked %v", name, err, c.unchecked)
		}
		var other *OtherSignerError
		if errors.As(err, &other) != strings.HasPrefix(c.want, "validly") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Bundles that the public instance made in 2023 are good today, without a network:
// they are judged at the time that they prove.
func TestPublicGood(t *testing.T) {
	trusted, err := PublicGood()
	check(t, err)
	const npm = "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main"
	id := Identity{Issuer: "https://token.actions.githubusercontent.com", SAN: npm, SourceRepository: "https://github.com/sigstore/sigstore-js"}
	b := &parsed{bundle: data.Bundle(t, "sigstore.js@2.0.0-provenance.sigstore.json")}
	v, err := KeylessVerifier(id, trusted, ProfilePublic)
	check(t, err)
	if at, err := v.verify(b, verify.WithoutArtifactUnsafe()); err != nil || at.Year() != 2023 {
		t.Errorf("it proves %v, %v", at, err)
	}
	sum := sha256.Sum256([]byte("something else"))
	if _, err := v.verify(b, verify.WithArtifactDigest("sha256", sum[:])); err == nil {
		t.Error("it counts for something else, too")
	}
	id.SourceRepository = "https://github.com/somebody/sigstore-js"
	v, err = KeylessVerifier(id, trusted, ProfilePublic)
	check(t, err)
	var other *OtherSignerError
	if _, err := v.verify(b, verify.WithoutArtifactUnsafe()); !errors.As(err, &other) || other.Identity.SAN != npm {
		t.Errorf("another caller of the workflow: got %v", err)
	}
	text, err := os.ReadFile("testdata/a.key")
	check(t, err)
	if _, err := ParseTrustedRoot(text); err == nil {
		t.Error("a key was read as a trusted root")
	}
}

func TestKeylessVerifierWants(t *testing.T) {
	i := newInstance(t)
	for name, id := range map[string]Identity{"nobody": {}, "no issuer": {SAN: signingtest.SAN}, "a key": {Key: "00", Issuer: signingtest.Issuer, SAN: signingtest.SAN}} {
		if _, err := KeylessVerifier(id, i.root, ProfilePrivateLog); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := KeylessVerifier(testIdentity, i.root, "private"); err == nil {
		t.Error("a profile that there is not was taken")
	}
}

// FuzzOpenKeyless: whatever stands in a bundle, nobody else signs for the instance, and
// nothing crashes.
func FuzzOpenKeyless(f *testing.F) {
	trusted, err := PublicGood()
	if err != nil {
		f.Fatal(err)
	}
	i := signingtest.New(f)
	f.Add(i.Encode(i.Attest([]byte(aStatement))))
	f.Add(i.Sign([]byte("payload")))
	f.Add([]byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"rawBytes":"AAAA"},"tlogEntries":[{}],"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"AAAA"}]}},"dsseEnvelope":{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AAAA"}]}}`))
	var policies []Policy
	for _, profile := range []Profile{ProfilePublic, ProfilePrivateLog, ProfilePrivateTSA} {
		v, err := KeylessVerifier(testIdentity, trusted, profile)
		if err != nil {
			f.Fatal(err)
		}
		policies = append(policies, Policy{[]Verifier{v}, 1})
	}
	f.Fuzz(func(t *testing.T, bundle []byte) {
		for _, p := range policies {
			if _, err := OpenStatement(bundle, p); err == nil {
				t.Errorf("a statement is taken that the public instance never saw: %s", bundle)
			}
			if _, err := Open([]byte("payload"), [][]byte{bundle}, p); err == nil {
				t.Errorf("a signature is taken that the public instance never saw: %s", bundle)
			}
		}
	})
}
