package trust

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

const (
	maxRepository = 128  // bytes of a repository's name
	maxSigners    = 64   // in a document
	maxName       = 63   // bytes of a signer's name
	maxGrace      = 3650 // days
)

// check is the rules at DecodeDocument.
func (d *Document) check() error {
	switch {
	case d.Schema != Schema:
		return fmt.Errorf("schema is %q, not %q", d.Schema, Schema)
	case !isPrintable(d.Repository) || len(d.Repository) > maxRepository:
		return fmt.Errorf("repository %q is not 1 to %d printable ASCII characters without spaces", d.Repository, maxRepository)
	case d.Version < 1:
		return errors.New("version is below 1")
	case d.Epoch < 1:
		return errors.New("epoch is below 1")
	case d.Expires.IsZero():
		return errors.New("expires is not given")
	case d.MaxGraceDays < 0 || d.MaxGraceDays > maxGrace:
		return fmt.Errorf("maxGraceDays is %d, not 0 to %d", d.MaxGraceDays, maxGrace)
	case len(d.Signers) < 1 || len(d.Signers) > maxSigners:
		return fmt.Errorf("there are %d signers, not 1 to %d", len(d.Signers), maxSigners)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Sigstore)) {
		if err := d.Sigstore[name].check(); err != nil {
			return fmt.Errorf("sigstore %q: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Signers)) {
		if err := d.checkSigner(name); err != nil {
			return fmt.Errorf("signer %q: %w", name, err)
		}
	}
	return d.checkRoles()
}

// isPrintable reports whether s is visible ASCII, at least one character.
func isPrintable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

var profiles = []signing.Profile{signing.ProfilePublic, signing.ProfilePrivateLog, signing.ProfilePrivateTSA}

func (s Sigstore) check() error {
	switch {
	case !s.TrustedRoot.SHA256.Valid():
		return errors.New("trustedRoot: sha256 is not a digest")
	case s.TrustedRoot.Size < 1 || s.TrustedRoot.Size > index.MaxDocument:
		return fmt.Errorf("trustedRoot: size is %d, not 1 to %d", s.TrustedRoot.Size, index.MaxDocument)
	case !slices.Contains(profiles, s.Profile):
		return fmt.Errorf("profile %q is not one of %v", s.Profile, profiles)
	}
	return nil
}

func (d *Document) checkSigner(name string) error {
	s := d.Signers[name]
	switch {
	case !isName(name):
		return fmt.Errorf("the name is not 1 to %d characters of [A-Za-z0-9._-]", maxName)
	case (s.Key == nil) == (s.Keyless == nil):
		return errors.New("it must be either a key or keyless")
	case s.Key != nil && s.Key.PEM.IsZero():
		return errors.New("pem is not given")
	case s.Keyless != nil:
		return s.Keyless.check(d.Sigstore)
	}
	return nil
}

func isName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}

func (k *Keyless) check(known map[string]Sigstore) error {
	_, isKnown := known[k.Sigstore]
	switch {
	case !isKnown && k.Sigstore != PublicGood:
		return fmt.Errorf("sigstore %q is not in the document", k.Sigstore)
	case !isPrintable(k.Issuer):
		return errors.New("issuer is not printable characters")
	case !isPrintable(k.SAN):
		return errors.New("san is not printable characters")
	case k.SourceRepository != "" && !isPrintable(k.SourceRepository):
		return errors.New("sourceRepository is not printable characters")
	}
	return nil
}

func (d *Document) checkRoles() error {
	for _, name := range []RoleName{TrustRole, IndexRole, ProvenanceRole, TestsRole} {
		if err := d.checkRole(d.Role(name)); err != nil {
			return fmt.Errorf("role %s: %w", name, err)
		}
	}
	if keys := d.distinct(d.Roles.Trust, true); int64(keys) < d.Roles.Trust.Threshold {
		return fmt.Errorf("role trust: %d distinct keys do not reach its threshold %d", keys, d.Roles.Trust.Threshold)
	}
	for _, r := range []*Role{d.Roles.Provenance, d.Roles.Tests} {
		if r != nil && r.Threshold != 1 {
			return fmt.Errorf("roles provenance and tests: an attestation has one signature, threshold is %d", r.Threshold)
		}
	}
	return nil
}

func (d *Document) checkRole(r Role) error {
	if len(r.Signers) == 0 {
		return errors.New("there are no signers")
	}
	for i, name := range r.Signers {
		if _, ok := d.Signers[name]; !ok {
			return fmt.Errorf("signer %q is not in the document", name)
		}
		if slices.Contains(r.Signers[:i], name) {
			return fmt.Errorf("signer %q is there twice", name)
		}
	}
	if n := min(d.distinct(r, false), index.MaxSignatures); r.Threshold < 1 || r.Threshold > int64(n) {
		return fmt.Errorf("threshold is %d, not 1 to %d", r.Threshold, n)
	}
	return nil
}

// distinct counts the signers of a role by who they are, not by name.
func (d *Document) distinct(r Role, keysOnly bool) int {
	ids := map[signing.Identity]bool{}
	for _, name := range r.Signers {
		if s := d.Signers[name]; s.Key != nil || !keysOnly {
			ids[s.Identity()] = true
		}
	}
	return len(ids)
}
