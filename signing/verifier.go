package signing

import (
	"errors"
	"fmt"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
)

// Verifier tells whether one signer made a bundle. It is made once and can be
// used for any number of bundles, at the same time too.
type Verifier struct {
	id      Identity
	check   *verify.Verifier
	keyless *keyless // nil for a signer with a key
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
	return Verifier{id: Identity{Key: key.Fingerprint()}, check: check}, nil
}

// Identity is the signer that v looks for.
func (v Verifier) Identity() Identity {
	return v.id
}

// verify gives the time that the signature of b proves, zero if none.
func (v Verifier) verify(b *parsed, content verify.ArtifactPolicyOption) (time.Time, error) {
	switch {
	case v.check == nil:
		return time.Time{}, errors.New("there is nobody to look for")
	case v.keyless != nil:
		return v.verifyKeyless(b, content)
	case !b.key:
		return time.Time{}, errors.New("it is made with a certificate, not with a key")
	}
	_, err := v.check.Verify(b.bundle, verify.NewPolicy(content, verify.WithKey()))
	return time.Time{}, err
}
