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

// opener verifies some bytes under a policy.
type opener func(signing.Policy) (signing.Verified, error)

// openEnvelope is the opener of an envelope.
func openEnvelope(env *index.Envelope) opener {
	return func(p signing.Policy) (signing.Verified, error) {
		return signing.Open([]byte(env.Payload), env.Bundles(), p)
	}
}

// verify opens what under a role of the document.
func (d *Document) verify(what string, name RoleName, open opener) (signing.Verified, *Error) {
	policy, unchecked := d.policy(d.Role(name))
	v, err := open(policy)
	if err != nil {
		return signing.Verified{}, d.notSigned(what, name, open, errors.Join(err, unchecked))
	}
	return v, nil
}

// notSigned tells three things apart. It is WRONG_SIGNER if nobody signed who holds the
// role, but somebody whom the document names for another one, or whom a document before
// it named, or whom a Sigstore instance knows; UNCHECKED if a signature can be called
// neither good nor bad; else it is SIGNATURE, a bad one.
func (d *Document) notSigned(what string, name RoleName, open opener, err error) *Error {
	role := d.Role(name)
	e := &Error{
		Code:     Signature,
		Expected: fmt.Sprintf("%d of %s (%s says so for role %s)", role.Threshold, strings.Join(role.Signers, ", "), d, name),
		Err:      err,
	}
	signed := 0
	if few, ok := errors.AsType[*signing.ThresholdError](err); ok {
		signed = len(few.Signers)
	}
	e.Found = fmt.Sprintf("%s has %d of %d valid signatures", what, signed, role.Threshold)
	if signed > 0 {
		return e
	}
	var other *signing.OtherSignerError
	var unchecked *signing.UncheckedError
	switch {
	case errors.As(err, &other):
		e.Code = WrongSigner
		e.Found = fmt.Sprintf("%s is validly signed, but by %s", what, other.Identity)
	case errors.As(err, &unchecked):
		e.Code = Unchecked
		e.Found = fmt.Sprintf("%s: %v", what, unchecked)
	}
	if v, err := open(d.anyKey()); err == nil {
		e.Code = WrongSigner
		e.Found = fmt.Sprintf("%s is validly signed, but by %s", what, names(d, v.Signers()))
	}
	return e
}

// anyKey accepts any one key that the document, or one before it, names.
func (d *Document) anyKey() signing.Policy {
	p := signing.Policy{Threshold: 1}
	seen := map[signing.Identity]bool{}
	for ; d != nil; d = d.last {
		for _, name := range slices.Sorted(maps.Keys(d.Signers)) {
			s := d.Signers[name]
			if s.Key == nil || seen[s.Identity()] {
				continue
			}
			seen[s.Identity()] = true
			if v, err := d.Verifier(name); err == nil {
				p.Verifiers = append(p.Verifiers, v)
			}
		}
	}
	return p
}

// Name is the name that the document, or the newest one before it that knows the
// signer, has for it; else the identity itself.
func (d *Document) Name(id signing.Identity) string {
	for ; d != nil; d = d.last {
		for _, name := range slices.Sorted(maps.Keys(d.Signers)) {
			if d.Signers[name].Identity() == id {
				return name
			}
		}
	}
	return id.String()
}

// SignedBy names those whose signatures were found on the document when it was opened:
// each that holds the role trust in it or in the one before.
func (d *Document) SignedBy() []string {
	var names []string
	for _, id := range d.signed {
		names = append(names, d.Name(id))
	}
	return names
}

func names(d *Document, ids []signing.Identity) string {
	var names []string
	for _, id := range ids {
		names = append(names, d.Name(id))
	}
	return strings.Join(names, ", ")
}
