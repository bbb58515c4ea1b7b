package trust

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

// keylessHead is a head that a CI without a key signed, under a document that names its
// Sigstore instance.
func keylessHead(t *testing.T, change func(*Document)) (d *Document, env *index.Envelope, trustedRoot []byte) {
	t.Helper()
	k, i := newKit(t), signingtest.New(t)
	trustedRoot = i.TrustedRoot()
	doc := k.document()
	doc.Sigstore = map[string]Sigstore{"ours": {index.Ref{SHA256: index.DigestOf(trustedRoot), Size: int64(len(trustedRoot))}, signing.ProfilePrivateTSA}}
	doc.Signers["ci"] = Signer{Keyless: &Keyless{Sigstore: "ours", Issuer: signingtest.Issuer, SAN: signingtest.SAN}}
	doc.Roles.Index.Signers = []string{"ci"}
	change(doc)
	d = k.open(t, doc)
	payload := must(head(d, 1).Encode())
	return d, index.NewEnvelope(payload, i.Sign(payload)), trustedRoot
}

func TestKeylessHead(t *testing.T) {
	d, env, root := keylessHead(t, func(*Document) {})
	has := d.WithObjects(func(ref index.Ref) ([]byte, error) { return root, nil })
	if _, err := VerifyHead(has, env); err != nil {
		t.Error(err)
	}
	for name, objects := range map[string]func(index.Ref) ([]byte, error){
		"none":  nil,
		"gone":  func(index.Ref) ([]byte, error) { return nil, errors.New("it is not there") },
		"other": func(index.Ref) ([]byte, error) { return []byte(strings.Replace(string(root), " ", "", 1) + " "), nil },
	} {
		_, err := VerifyHead(d.WithObjects(objects), env)
		want(t, err, Unchecked, "it cannot be checked: the trusted root of ours")
		if t.Failed() {
			t.Fatal(name)
		}
	}

	// The same trusted root, and the next document in the chain.
	next := newKit(t).next(t, has, func(*Document) {})
	if _, err := VerifyHead(next, env); err != nil && CodeOf(err) == Unchecked {
		t.Errorf("the next document does not have its trusted root: %v", err)
	}
}

// What somebody else signed, what cannot be checked and what is badly signed are three
// things.
func TestKeylessRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Document)
		code   Code
		part   string
	}{
		"another workflow": {func(d *Document) { d.Signers["ci"].Keyless.SAN += "-2" }, WrongSigner, "validly signed, but by " + signingtest.SAN},
		"another caller":   {func(d *Document) { d.Signers["ci"].Keyless.SourceRepository = "https://ci.example/a" }, WrongSigner, "validly signed, but by"},
		"public instance":  {func(d *Document) { d.Signers["ci"].Keyless.Sigstore = PublicGood }, Unchecked, "does not know who issued the certificate"},
		"a key":            {func(d *Document) { d.Roles.Index.Signers = []string{"index"} }, Signature, "0 of 1 valid signatures"},
	} {
		t.Run(name, func(t *testing.T) {
			d, env, root := keylessHead(t, c.change)
			_, err := VerifyHead(d.WithObjects(func(index.Ref) ([]byte, error) { return root, nil }), env)
			want(t, err, c.code, c.part)
		})
	}
	d, env, root := keylessHead(t, func(*Document) {})
	env.Payload = strings.Replace(env.Payload, "acme", "amce", 1)
	_, err := VerifyHead(d.WithObjects(func(index.Ref) ([]byte, error) { return root, nil }), env)
	want(t, err, Signature, fmt.Sprintf("%d of %d", 0, 1))
}
