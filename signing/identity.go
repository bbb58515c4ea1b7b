package signing

import "fmt"

// Identity says who signs: a public key, or who a certificate was issued for.
// It is comparable; equal identities are one signer.
type Identity struct {
	Key         string // fingerprint of a public key, else empty
	Issuer, SAN string // of a certificate, else empty

	// SourceRepository is where the workflow ran that a certificate is for: all callers
	// of a reusable workflow have one SAN. Empty where no one asks.
	SourceRepository string
}

// String is for people.
func (id Identity) String() string {
	if id.Key != "" {
		return "key " + id.Key
	}
	if id.SourceRepository != "" {
		return fmt.Sprintf("%s for %s (issuer %s)", id.SAN, id.SourceRepository, id.Issuer)
	}
	return fmt.Sprintf("%s (issuer %s)", id.SAN, id.Issuer)
}
