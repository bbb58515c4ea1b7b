package trust

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
)

// Open opens the trust document that a pin names. Its payload must have the pinned
// digest and number (TRUST_PIN), and it must be signed as its own trust role asks
// (TRUST_CHAIN). Whether it expired is not asked: see CheckExpiry.
func Open(pin Pin, env *index.Envelope) (*Document, error) {
	if got := env.Digest(); got != pin.Digest {
		return nil, &Error{
			Code:     TrustPin,
			Found:    fmt.Sprintf("trust document %d has the digest sha256:%s", pin.Version, got),
			Expected: fmt.Sprintf("sha256:%s", pin.Digest),
		}
	}
	d, err := DecodeDocument([]byte(env.Payload)) // the pin proves the bytes
	if err != nil {
		return nil, formatError(fmt.Sprintf("trust document %d", pin.Version), err)
	}
	if d.Version != pin.Version {
		return nil, &Error{
			Code:     TrustPin,
			Found:    fmt.Sprintf("the pinned trust document has number %d", d.Version),
			Expected: fmt.Sprint(pin.Version),
		}
	}
	v, refused := d.verify(d.String(), TrustRole, openEnvelope(env))
	if refused != nil {
		return nil, inChain(refused)
	}
	d.signed = v.Signers()
	return d, nil
}

// OpenNext opens the trust document that follows d. It must be signed as the trust
// role of d asks, and then as its own does; it must be for the same repository,
// have the next number and no lower epoch. It is TRUST_CHAIN otherwise. That d may
// have expired does not matter.
func OpenNext(d *Document, env *index.Envelope) (*Document, error) {
	if d.Version < 1 {
		return nil, &Error{
			Code:  TrustChain,
			Found: fmt.Sprintf("no trust document follows %s", d),
			Facts: errcode.Facts{"unpinned": true},
		}
	}
	what := fmt.Sprintf("trust document %d", d.Version+1)
	v, refused := d.verify(what, TrustRole, openEnvelope(env))
	if refused != nil {
		return nil, inChain(refused)
	}
	next, err := DecodeDocument(v.Bytes())
	if err != nil {
		return nil, formatError(what, err)
	}
	if err := next.follows(d); err != nil {
		return nil, err
	}
	own, refused := next.verify(what, TrustRole, openEnvelope(env))
	if refused != nil {
		return nil, inChain(refused)
	}
	next.root, next.last, next.objects = d.root, d, d.objects
	next.signed = v.Signers()
	for _, id := range own.Signers() {
		if !slices.Contains(next.signed, id) {
			next.signed = append(next.signed, id)
		}
	}
	return next, nil
}

func (d *Document) follows(last *Document) error {
	e := &Error{Code: TrustChain}
	switch {
	case d.Version != last.Version+1:
		e.Found = fmt.Sprintf("trust document has number %d", d.Version)
		e.Expected = fmt.Sprint(last.Version + 1)
	case d.Repository != last.Repository:
		e.Found = fmt.Sprintf("trust document %d is for the repository %s", d.Version, d.Repository)
		e.Expected = last.Repository
	case d.Epoch < last.Epoch:
		e.Found = fmt.Sprintf("trust document %d has epoch %d", d.Version, d.Epoch)
		e.Expected = fmt.Sprintf("%d or higher", last.Epoch)
	default:
		return nil
	}
	return e
}

// inChain is a refused signature of a trust document.
func inChain(e *Error) *Error {
	e.Code = TrustChain
	return e
}
