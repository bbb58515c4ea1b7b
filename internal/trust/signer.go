package trust

import (
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// Signer is one who may hold roles: a Key or a Keyless, never both.
type Signer struct {
	Key     *Key     `json:"key,omitempty"`
	Keyless *Keyless `json:"keyless,omitempty"`
}

// Key is a signer with a key.
type Key struct {
	PEM signing.PublicKey `json:"pem"`
}

// Keyless is a signer with a certificate for an identity. Issuer and SAN are
// compared byte by byte. So is the source repository where it is given, as it must be
// where the issuer's tokens have one: all callers of a reusable workflow have one SAN.
type Keyless struct {
	Sigstore         string `json:"sigstore"` // name in Document.Sigstore, or public-good
	Issuer           string `json:"issuer"`
	SAN              string `json:"san"`
	SourceRepository string `json:"sourceRepository,omitempty"`
}

// Sigstore is an instance whose certificates keyless signers use.
type Sigstore struct {
	TrustedRoot index.Ref       `json:"trustedRoot"` // an object of the site
	Profile     signing.Profile `json:"profile"`
}

// RootName is what the trusted root is called in a folder of trust documents, beside them.
func (s Sigstore) RootName() string {
	return fmt.Sprintf("trusted_root-%.12s.json", s.TrustedRoot.SHA256)
}

// PublicGood is the name of the public Sigstore instance, which a document need not
// describe: kpm brings its trusted root along.
const PublicGood = "public-good"

// KeySigner is the signer that holds key.
func KeySigner(key signing.PublicKey) Signer {
	return Signer{Key: &Key{key}}
}

// Identity is who the signer is, whatever its name.
func (s Signer) Identity() signing.Identity {
	switch {
	case s.Key != nil && !s.Key.PEM.IsZero():
		return signing.Identity{Key: s.Key.PEM.Fingerprint()}
	case s.Keyless != nil:
		return signing.Identity{Issuer: s.Keyless.Issuer, SAN: s.Keyless.SAN, SourceRepository: s.Keyless.SourceRepository}
	}
	return signing.Identity{}
}

// Verifier tells the signatures of a signer of the document. Of a keyless one the
// trusted root may not be there, or not be readable: that is a *signing.UncheckedError.
func (d *Document) Verifier(name string) (signing.Verifier, error) {
	s := d.Signers[name]
	switch {
	case s.Key != nil:
		return signing.KeyVerifier(s.Key.PEM)
	case s.Keyless != nil:
		trusted, profile, err := instance(d, s.Keyless.Sigstore)
		if err != nil {
			return signing.Verifier{}, &signing.UncheckedError{Why: fmt.Sprintf("the trusted root of %s: %v", s.Keyless.Sigstore, err)}
		}
		return signing.KeylessVerifier(s.Identity(), trusted, profile)
	}
	return signing.Verifier{}, errNoSigner
}

// instance is a Sigstore instance that the document names: what it is trusted by, and
// what its bundles hold.
func instance(d *Document, name string) (*signing.TrustedRoot, signing.Profile, error) {
	s, ok := d.Sigstore[name]
	switch {
	case !ok:
		trusted, err := signing.PublicGood()
		return trusted, signing.ProfilePublic, err
	case d.objects == nil:
		return nil, "", errors.New("it is an object of the site, which is not at hand")
	}
	text, err := d.objects(s.TrustedRoot)
	if err != nil {
		return nil, "", err
	}
	if got := index.DigestOf(text); got != s.TrustedRoot.SHA256 {
		return nil, "", fmt.Errorf("it has the sha256 %s, not %s", got, s.TrustedRoot.SHA256)
	}
	trusted, err := signing.ParseTrustedRoot(text)
	return trusted, s.Profile, err
}

// WithObjects is the document, with those before it, whose keyless signers are looked
// for by trusted roots that get reads: objects of the site. It is asked for nothing
// until a keyless signer is met, and what it gives is compared with the digest in the
// document. Where the document names none it is never asked.
func (d *Document) WithObjects(get func(index.Ref) ([]byte, error)) *Document {
	if d == nil {
		return nil
	}
	with := *d
	with.objects, with.last = get, d.last.WithObjects(get)
	return &with
}

// policy is a role as signing understands it. The error says whose signatures cannot be
// checked; those of the others can.
func (d *Document) policy(r Role) (signing.Policy, error) {
	p := signing.Policy{Threshold: int(r.Threshold)}
	var unchecked []error
	for _, name := range r.Signers {
		v, err := d.Verifier(name)
		if err != nil {
			unchecked = append(unchecked, fmt.Errorf("signer %s of %s: %w", name, d, err))
			continue
		}
		p.Verifiers = append(p.Verifiers, v)
	}
	return p, errors.Join(unchecked...)
}
