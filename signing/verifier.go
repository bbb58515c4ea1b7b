package signing

import (
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
)

// ErrKeyless is why a bundle of a keyless signer does not count.
var ErrKeyless = errors.New("keyless signers are not supported by this version")

// Verifier tells whether one signer made a bundle. It is made once and can be
// used for any number of bundles, at the same time too.
type Verifier struct {
	id    Identity
	check *verify.Verifier // nil for a keyless signer
}

// KeyVerifier accepts bundles that were made with the private half of key.
func KeyVerifier(key PublicKey) (Verifier, error) {
	if key.IsZero() {
		return Verifier{}, errors.New("making verifier: there is no key")
	}
	load, err := signature.LoadDefaultVerifier(key.key)
	if err != nil {
		return Verifier{}, fmt.Errorf("making verifier: %w", err)
	}
	only := root.NewExpiringKey(load, time.Time{}, time.Time{})
	material := root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return only, nil // whatever the hint says
	})
	check, err := verify.NewVerifier(material, verify.WithNoObserverTimestamps(), verify.WithoutStatementPredicate())
	if err != nil {
		return Verifier{}, fmt.Errorf("making verifier: %w", err)
	}
	return Verifier{Identity{Key: key.Fingerprint()}, check}, nil
}

// KeylessVerifier stands for a signer with a certificate. It accepts nothing in
// this version and gives ErrKeyless as the reason.
func KeylessVerifier(issuer, san string) Verifier {
	return Verifier{id: Identity{Issuer: issuer, SAN: san}}
}

// Identity is the signer that v looks for.
func (v Verifier) Identity() Identity {
	return v.id
}

func (v Verifier) verify(b *parsed, content verify.ArtifactPolicyOption) error {
	if v.check == nil {
		return ErrKeyless
	}
	_, err := v.check.Verify(b.bundle, verify.NewPolicy(content, verify.WithKey()))
	return err
}
