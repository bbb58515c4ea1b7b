package ceremony

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// edit changes the document. It takes all signatures off and says how many these were;
// a change that no client would accept is refused and changes nothing.
func (d *Draft) edit(change func(*trust.Document) error) (dropped int, err error) {
	payload, err := d.Document.Encode()
	if err != nil {
		return 0, err
	}
	next, err := trust.DecodeDocument(payload)
	if err != nil {
		return 0, err
	}
	if err := change(next); err != nil {
		return 0, err
	}
	if _, err := next.Encode(); err != nil {
		return 0, err
	}
	dropped = len(d.bundles)
	d.Document, d.bundles = next, nil
	return dropped, nil
}

// AddSigner lets s, under a name that is free or already s's, hold more roles. It
// says how many signatures this takes off, as all changes do.
func (d *Draft) AddSigner(name string, s trust.Signer, roles ...trust.RoleName) (dropped int, err error) {
	return d.edit(func(doc *trust.Document) error {
		if was, taken := doc.Signers[name]; taken && was.Identity() != s.Identity() {
			return fmt.Errorf("the name %s is that of %s", name, was.Identity())
		}
		for other, o := range doc.Signers {
			if other != name && o.Identity() == s.Identity() {
				return fmt.Errorf("%s is in the document already, as %s", s.Identity(), other)
			}
		}
		doc.Signers[name] = s
		for _, role := range roles {
			r, err := roleIn(doc, role)
			if err != nil {
				return err
			}
			if !slices.Contains(r.Signers, name) {
				r.Signers = append(slices.Clone(r.Signers), name)
			}
		}
		return nil
	})
}

// RemoveSigner takes a signer out of all roles. A compromised one may have signed what
// nobody else did: the epoch rises, and clients give up what they have and sync anew.
func (d *Draft) RemoveSigner(name string, compromised bool) (dropped int, err error) {
	return d.edit(func(doc *trust.Document) error {
		if _, ok := doc.Signers[name]; !ok {
			return fmt.Errorf("there is no signer %s in %s", name, doc)
		}
		delete(doc.Signers, name)
		for _, role := range slices.Sorted(maps.Keys(written(doc))) {
			r := written(doc)[role]
			i := slices.Index(r.Signers, name)
			if i < 0 {
				continue
			}
			r.Signers = slices.Delete(slices.Clone(r.Signers), i, i+1)
			switch n := int64(len(r.Signers)); {
			case n == 0:
				return fmt.Errorf("nobody but %s holds the role %s: give it to somebody else first", name, role)
			case n < r.Threshold:
				return fmt.Errorf("without %s the role %s has %d signers, and its threshold is %d: add another signer or lower the threshold first", name, role, n, r.Threshold)
			}
		}
		if compromised {
			doc.Epoch = d.last.Epoch + 1
		}
		return nil
	})
}

// SetThreshold says how many signers of a role must sign.
func (d *Draft) SetThreshold(role trust.RoleName, n int64) (dropped int, err error) {
	return d.edit(func(doc *trust.Document) error {
		r, err := roleIn(doc, role)
		if err != nil {
			return err
		}
		r.Threshold = n
		return nil
	})
}

// PinSigstore has the document pin a Sigstore instance, or pin it anew: what it is trusted
// by and what its bundles hold.
func (d *Draft) PinSigstore(name string, s trust.Sigstore) (dropped int, err error) {
	return d.edit(func(doc *trust.Document) error {
		if doc.Sigstore[name] == s {
			return fmt.Errorf("%s has this trusted root of %s already", doc, name)
		}
		if doc.Sigstore == nil {
			doc.Sigstore = map[string]trust.Sigstore{}
		}
		doc.Sigstore[name] = s
		return nil
	})
}

// Renew moves the expiry.
func (d *Draft) Renew(expires time.Time) (dropped int, err error) {
	return d.edit(func(doc *trust.Document) error {
		doc.Expires = index.At(expires)
		return nil
	})
}

// written are the roles that a document spells out.
func written(doc *trust.Document) map[trust.RoleName]*trust.Role {
	all := map[trust.RoleName]*trust.Role{trust.TrustRole: &doc.Roles.Trust, trust.IndexRole: &doc.Roles.Index}
	if doc.Roles.Provenance != nil {
		all[trust.ProvenanceRole] = doc.Roles.Provenance
	}
	if doc.Roles.Tests != nil {
		all[trust.TestsRole] = doc.Roles.Tests
	}
	return all
}

// roleIn is a role of the document, to be changed: one that is not spelled out is
// spelled out as it holds by default.
func roleIn(doc *trust.Document, name trust.RoleName) (*trust.Role, error) {
	if r := written(doc)[name]; r != nil {
		return r, nil
	}
	r := doc.Role(name)
	switch name {
	case trust.ProvenanceRole:
		doc.Roles.Provenance = &r
	case trust.TestsRole:
		doc.Roles.Tests = &r
	default:
		return nil, fmt.Errorf("there is no role %q", name)
	}
	return &r, nil
}
