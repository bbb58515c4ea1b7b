package ceremony

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// Key is a private key of somebody who signs, as a signer.Key is.
type Key interface {
	trust.SigningKey
	Public() signing.PublicKey
}

// Sign adds the signature of a key that holds the role trust, in the document or in the
// one that it follows, and gives the name that it has there. A second signature of one
// key is refused.
func (d *Draft) Sign(key Key) (name string, err error) {
	name, ok := d.holders()[signing.Identity{Key: key.Public().Fingerprint()}]
	if !ok {
		return "", &trust.Error{
			Code:     trust.WrongSigner,
			Found:    fmt.Sprintf("the key at hand is %s", key.Public().Fingerprint()),
			Expected: fmt.Sprintf("one of role trust: %s", strings.Join(slices.Sorted(maps.Values(d.holders())), ", ")),
		}
	}
	signed, err := d.signed()
	if err != nil {
		return "", err
	}
	if slices.Contains(signed, signing.Identity{Key: key.Public().Fingerprint()}) {
		return "", fmt.Errorf("%s has signed this draft already", name)
	}
	payload, err := d.Document.Encode()
	if err != nil {
		return "", err
	}
	b, err := key.Sign(payload)
	if err != nil {
		return "", err
	}
	d.bundles = append(d.bundles, b)
	return name, nil
}

// holders are those who hold the role trust in either document, with their names.
func (d *Draft) holders() map[signing.Identity]string {
	all := map[signing.Identity]string{}
	for _, doc := range []*trust.Document{d.last, d.Document} {
		for _, name := range doc.Roles.Trust.Signers {
			all[doc.Signers[name].Identity()] = name
		}
	}
	return all
}

// signed are those of the holders whose signatures the draft has.
func (d *Draft) signed() ([]signing.Identity, error) {
	payload, err := d.Document.Encode()
	if err != nil {
		return nil, err
	}
	var got []signing.Identity
	for _, doc := range []*trust.Document{d.last, d.Document} {
		for _, name := range doc.Roles.Trust.Signers {
			v, err := doc.Verifier(name)
			if _, ok := errors.AsType[*signing.UncheckedError](err); ok {
				continue // the threshold is reached by keys alone
			}
			if err != nil {
				return nil, err
			}
			if _, no := signing.Open(payload, d.bundles, signing.Policy{Verifiers: []signing.Verifier{v}, Threshold: 1}); no == nil && !slices.Contains(got, v.Identity()) {
				got = append(got, v.Identity())
			}
		}
	}
	return got, nil
}

// Needs is what a draft needs yet of one of the two documents that have to accept it.
type Needs struct {
	By     *trust.Document // the one that it follows, or itself
	More   int64           // signatures
	Signed []string        // names of those who have signed
	Anyone []string        // names of those who have not
}

// Needs says who has to sign yet; none when enough have.
func (d *Draft) Needs() ([]Needs, error) {
	signed, err := d.signed()
	if err != nil {
		return nil, err
	}
	var open []Needs
	for _, doc := range []*trust.Document{d.last, d.Document} {
		n := Needs{By: doc}
		counted := map[signing.Identity]bool{}
		for _, name := range doc.Roles.Trust.Signers {
			id := doc.Signers[name].Identity()
			switch {
			case !slices.Contains(signed, id):
				n.Anyone = append(n.Anyone, name)
			default:
				counted[id] = true
				n.Signed = append(n.Signed, name)
			}
		}
		if n.More = doc.Roles.Trust.Threshold - int64(len(counted)); n.More > 0 {
			open = append(open, n)
		}
	}
	return open, nil
}

// Signed are the names of those who have signed.
func (d *Draft) Signed() ([]string, error) {
	signed, err := d.signed()
	var names []string
	for _, id := range signed {
		names = append(names, d.holders()[id])
	}
	return names, err
}

// ErrUnsigned says that a draft lacks signatures.
var ErrUnsigned = errors.New("too few have signed")

// Finish gives the document as it is published, opened as clients will open it. It is
// ErrUnsigned, and says who is missing, when too few have signed.
func (d *Draft) Finish() (*index.Envelope, *trust.Document, error) {
	needs, err := d.Needs()
	if err != nil {
		return nil, nil, err
	}
	var missing []string
	for _, n := range needs {
		missing = append(missing, n.String())
	}
	if len(missing) > 0 {
		return nil, nil, fmt.Errorf("%w: %s", ErrUnsigned, strings.Join(missing, "; "))
	}
	payload, err := d.Document.Encode()
	if err != nil {
		return nil, nil, err
	}
	env := index.NewEnvelope(payload, d.bundles...)
	doc, err := trust.OpenNext(d.last, env)
	return env, doc, err
}

// String says who is missing.
func (n Needs) String() string {
	return fmt.Sprintf("trust document %d wants %d more of %s", n.By.Version, n.More, strings.Join(n.Anyone, ", "))
}
