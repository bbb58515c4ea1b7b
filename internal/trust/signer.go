package trust

import (
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
// compared byte by byte. It can be written down, but this version does not verify
// its signatures: they do not count, and the error says signing.ErrKeyless.
type Keyless struct {
	Sigstore         string `json:"sigstore"` // name in Document.Sigstore, or public-good
	Issuer           string `json:"issuer"`
	SAN              string `json:"san"`
	SourceRepository string `json:"sourceRepository,omitempty"`
}

// Sigstore is an instance whose certificates keyless signers use.
type Sigstore struct {
	TrustedRoot index.Ref `json:"trustedRoot"` // an object of the site
	Profile     string    `json:"profile"`
}

// What a bundle of a Sigstore instance holds, see Sigstore.Profile.
const (
	PublicGood = "public-good" // certificate timestamps, a log, a timestamp authority
	PrivateLog = "private-log" // a log and a timestamp authority
	PrivateTSA = "private-tsa" // a timestamp authority alone
)

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
		return signing.Identity{Issuer: s.Keyless.Issuer, SAN: s.Keyless.SAN}
	}
	return signing.Identity{}
}

// Verifier tells the signatures of the signer.
func (s Signer) Verifier() (signing.Verifier, error) {
	switch {
	case s.Key != nil:
		return signing.KeyVerifier(s.Key.PEM)
	case s.Keyless != nil:
		return signing.KeylessVerifier(s.Keyless.Issuer, s.Keyless.SAN), nil
	}
	return signing.Verifier{}, errNoSigner
}

// policy is a role as signing understands it.
func (d *Document) policy(r Role) (signing.Policy, error) {
	p := signing.Policy{Threshold: int(r.Threshold)}
	for _, name := range r.Signers {
		v, err := d.Signers[name].Verifier()
		if err != nil {
			return signing.Policy{}, fmt.Errorf("signer %s of %s: %w", name, d, err)
		}
		p.Verifiers = append(p.Verifiers, v)
	}
	return p, nil
}
