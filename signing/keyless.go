package signing

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

// Profile says what a bundle of a Sigstore instance has to hold beside its
// certificate.
type Profile string

// The profiles. A time is proven by the log's signed entry timestamp (Rekor v1) or by
// a timestamp authority (RFC 3161).
const (
	ProfilePublic     Profile = "public-good" // the certificate is in a certificate log, the signature in a log, at a proven time
	ProfilePrivateLog Profile = "private-log" // the signature is in a log, at a proven time
	ProfilePrivateTSA Profile = "private-tsa" // a timestamp authority proves the time
)

// UncheckedError is why a keyless signature can neither be called good nor bad: there is
// no trusted root, or it does not know the authority or the log that the bundle names,
// as one that is too old.
type UncheckedError struct{ Why string }

func (e *UncheckedError) Error() string { return "it cannot be checked: " + e.Why }

// OtherSignerError is why a valid keyless signature does not count: somebody else made
// it.
type OtherSignerError struct{ Identity Identity }

func (e *OtherSignerError) Error() string {
	return "it is validly signed, by " + e.Identity.String()
}

// KeylessVerifier accepts bundles that were made with a certificate for id, which are
// checked against a trusted root and at the time that they prove, not at today's. They
// need no network. Issuer, SAN and source repository are compared byte by byte; where
// id has no source repository, that of the certificate does not matter.
func KeylessVerifier(id Identity, trusted *TrustedRoot, profile Profile) (Verifier, error) {
	if id.Key != "" || id.Issuer == "" || id.SAN == "" {
		return Verifier{}, errors.New("making verifier: issuer and san are not given")
	}
	options := []verify.VerifierOption{verify.WithoutStatementPredicate()}
	switch profile {
	case ProfilePublic:
		options = append(options, verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1), verify.WithSignedCertificateTimestamps(1))
	case ProfilePrivateLog:
		options = append(options, verify.WithTransparencyLog(1), verify.WithObserverTimestamps(1))
	case ProfilePrivateTSA:
		options = append(options, verify.WithSignedTimestamps(1))
	default:
		return Verifier{}, fmt.Errorf("making verifier: there is no profile %q", profile)
	}
	check, err := verify.NewVerifier(trusted.material, options...)
	if err != nil {
		return Verifier{}, fmt.Errorf("making verifier: %w", err)
	}
	return Verifier{id: id, check: check, keyless: &keyless{trusted, profile}}, nil
}

// keyless is what a verifier of certificates looks at first, so that it can say what
// is missing.
type keyless struct {
	root    *TrustedRoot
	profile Profile
}

// lacks is what of the profile b does not hold, or whom it names that the trusted root
// does not know.
func (k *keyless) lacks(b *bundle.Bundle) error {
	entries, err := b.TlogEntries()
	if err != nil {
		return fmt.Errorf("reading its log entries: %w", err)
	}
	stamps, err := b.Timestamps()
	if err != nil {
		return fmt.Errorf("reading its timestamps: %w", err)
	}
	switch {
	case !k.knows(b):
		return &UncheckedError{"the trusted root does not know who issued the certificate"}
	case k.profile == ProfilePrivateTSA:
		entries = nil
	case len(entries) == 0:
		return errors.New("it holds no entry of a log")
	}
	proven := len(stamps) > 0
	logs := k.root.material.RekorLogs()
	for _, e := range entries {
		id := hex.EncodeToString([]byte(e.LogKeyID()))
		if logs[id] == nil {
			return &UncheckedError{"the trusted root does not know the log " + id}
		}
		proven = proven || e.HasInclusionPromise()
	}
	if !proven {
		return errors.New("nothing in it proves a time")
	}
	return nil
}

// knows reports whether an authority of the trusted root has the key that the
// certificate of b names as its issuer's. Whether it was issued with it is for the
// verification to say.
func (k *keyless) knows(b *bundle.Bundle) bool {
	content, err := b.VerificationContent()
	if err != nil || content.Certificate() == nil {
		return true
	}
	issuer := content.Certificate().AuthorityKeyId
	for _, authority := range k.root.material.FulcioCertificateAuthorities() {
		a, ok := authority.(*root.FulcioCertificateAuthority)
		if !ok {
			return true
		}
		for _, c := range append(slices.Clone(a.Intermediates), a.Root) {
			if c != nil && bytes.Equal(c.SubjectKeyId, issuer) {
				return true
			}
		}
	}
	return false
}

// verifyKeyless tells a bad signature from one that somebody else made, and both from
// one that cannot be checked. It gives the latest time that the bundle proves.
func (v Verifier) verifyKeyless(b *parsed, content verify.ArtifactPolicyOption) (proven time.Time, err error) {
	if b.key {
		return proven, errors.New("it is made with a key, not with a certificate")
	}
	if err := v.keyless.lacks(b.bundle); err != nil {
		return proven, err
	}
	result, err := v.check.Verify(b.bundle, verify.NewPolicy(content, verify.WithoutIdentitiesUnsafe()))
	if err != nil {
		return proven, err
	}
	c := result.Signature.Certificate
	got := Identity{Issuer: c.Issuer, SAN: c.SubjectAlternativeName, SourceRepository: c.SourceRepositoryURI}
	if got.Issuer != v.id.Issuer || got.SAN != v.id.SAN || v.id.SourceRepository != "" && got.SourceRepository != v.id.SourceRepository {
		return proven, &OtherSignerError{got}
	}
	for _, at := range result.VerifiedTimestamps {
		proven = later(proven, at.Timestamp)
	}
	return proven, nil
}
