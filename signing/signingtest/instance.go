// Package signingtest is a Sigstore instance in memory for tests: a certificate
// authority, a log (Rekor v2) and a timestamp authority, with keys of their own.
package signingtest

import (
	"encoding/hex"
	"encoding/json"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protodsse "github.com/sigstore/protobuf-specs/gen/pb-go/dsse"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/testing/ca"
	"google.golang.org/protobuf/encoding/protojson"
)

// Issuer and SAN are who the certificates of all instances are for.
const (
	Issuer = "https://issuer.example"
	SAN    = "https://ci.example/publish.yml@refs/heads/main"
)

// Instance is one Sigstore instance.
type Instance struct {
	t        testing.TB
	sigstore *ca.VirtualSigstore
	root     []byte
}

// New makes an instance.
func New(t testing.TB) Instance {
	t.Helper()
	v, err := ca.NewVirtualSigstore()
	if err != nil {
		t.Fatal(err)
	}
	i := Instance{t: t, sigstore: v}
	i.root = i.trustedRoot()
	return i
}

// TrustedRoot is its trusted_root.json.
func (i Instance) TrustedRoot() []byte { return i.root }

func (i Instance) trustedRoot() []byte {
	i.t.Helper()
	v := i.sigstore
	logs := v.RekorLogs()
	for id, log := range logs {
		raw, err := hex.DecodeString(id)
		if err != nil {
			i.t.Fatal(err)
		}
		log.ID = raw
	}
	r, err := root.NewTrustedRoot(root.TrustedRootMediaType01, v.FulcioCertificateAuthorities(), nil, v.TimestampingAuthorities(), logs)
	if err != nil {
		i.t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// Sign is a bundle over content with a certificate and a timestamp, without a log.
func (i Instance) Sign(content []byte) []byte {
	i.t.Helper()
	e, err := i.sigstore.Sign(SAN, Issuer, content)
	if err != nil {
		i.t.Fatal(err)
	}
	b := i.bundle(e)
	b.VerificationMaterial.TlogEntries = nil
	signed, err := e.SignatureContent()
	if err != nil {
		i.t.Fatal(err)
	}
	m := signed.MessageSignatureContent()
	b.Content = &protobundle.Bundle_MessageSignature{MessageSignature: &protocommon.MessageSignature{
		MessageDigest: &protocommon.HashOutput{Algorithm: protocommon.HashAlgorithm_SHA2_256, Digest: m.Digest()}, Signature: signed.Signature(),
	}}
	return i.Encode(b)
}

// Attest is a bundle with an in-toto statement, with a certificate, an entry of the log
// and a timestamp, for tests to break.
func (i Instance) Attest(statement []byte) *protobundle.Bundle {
	i.t.Helper()
	e, err := i.sigstore.AttestHashedRekordV2(SAN, Issuer, statement)
	if err != nil {
		i.t.Fatal(err)
	}
	b := i.bundle(e)
	signed, err := e.SignatureContent()
	if err != nil {
		i.t.Fatal(err)
	}
	b.Content = &protobundle.Bundle_DsseEnvelope{DsseEnvelope: &protodsse.Envelope{
		PayloadType: "application/vnd.in-toto+json", Payload: statement, Signatures: []*protodsse.Signature{{Sig: signed.Signature()}},
	}}
	return b
}

// Encode is a bundle as a site has it.
func (i Instance) Encode(b *protobundle.Bundle) []byte {
	i.t.Helper()
	text, err := protojson.Marshal(b)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// bundle is one without content.
func (i Instance) bundle(e *ca.TestEntity) *protobundle.Bundle {
	i.t.Helper()
	certificate, err := e.VerificationContent()
	if err != nil {
		i.t.Fatal(err)
	}
	entries, err := e.TlogEntries()
	if err != nil {
		i.t.Fatal(err)
	}
	stamps, err := e.Timestamps()
	if err != nil {
		i.t.Fatal(err)
	}
	m := &protobundle.VerificationMaterial{
		Content:                   &protobundle.VerificationMaterial_Certificate{Certificate: &protocommon.X509Certificate{RawBytes: certificate.Certificate().Raw}},
		TimestampVerificationData: &protobundle.TimestampVerificationData{},
	}
	for _, entry := range entries {
		m.TlogEntries = append(m.TlogEntries, entry.TransparencyLogEntry())
	}
	for _, stamp := range stamps {
		m.TimestampVerificationData.Rfc3161Timestamps = append(m.TimestampVerificationData.Rfc3161Timestamps, &protocommon.RFC3161SignedTimestamp{SignedTimestamp: stamp})
	}
	return &protobundle.Bundle{MediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", VerificationMaterial: m}
}
