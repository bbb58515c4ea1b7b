package trust

import (
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// maxLife is that of a head, whatever it says.
const maxLife = 35 * 24 * time.Hour

// MaxAhead is how far ahead of now a head may be issued.
const MaxAhead = 24 * time.Hour

// Head is a head whose signatures were verified. OpenHead and VerifyHead are the
// only ways to one.
type Head struct {
	*index.Head
	Digest  index.Digest // of the payload
	Signers []signing.Identity
	Proven  time.Time // the latest time that the signatures prove, zero if none

	doc *Document
}

// OpenHead verifies a head in full: under the document (VerifyHead), against the
// floor (CheckFloor, nil if there is none) and the clock (CheckFresh).
func OpenHead(d *Document, env *index.Envelope, floor *Floor, now time.Time, grace time.Duration) (*Head, error) {
	h, err := VerifyHead(d, env)
	if err != nil {
		return nil, err
	}
	if err := h.CheckFloor(floor); err != nil {
		return nil, err
	}
	if err := h.CheckFresh(floor.under(h).Now(now), grace); err != nil {
		return nil, err
	}
	return h, nil
}

// VerifyHead checks that a head is signed as the index role of d asks, then that
// it can be read, then that it is of the document's repository, root, trust and
// epoch. It asks neither for the newest head nor for the time: an old head is
// verified under the trust document that it claims (ClaimedTrust).
func VerifyHead(d *Document, env *index.Envelope) (*Head, error) {
	v, refused := d.verify("the index", IndexRole, openEnvelope(env))
	if refused != nil {
		if n := ClaimedTrust(env); d.Version > 0 && n > d.Version {
			return nil, newerTrust(d, n, refused)
		}
		return nil, refused
	}
	head, err := index.DecodeHead(v.Bytes())
	if err != nil {
		return nil, formatError("the index", err)
	}
	h := &Head{Head: head, Digest: env.Digest(), Signers: v.Signers(), Proven: v.Proven(), doc: d}
	if d.Version == 0 {
		return h, nil // its first head says the rest, see CheckFloor
	}
	if err := h.checkDocument(d); err != nil {
		return nil, err
	}
	return h, nil
}

// ClaimedTrust is the number of the trust document that a head claims to be signed
// under, 0 if it claims none. Nothing is verified: use it to choose a document, or
// between two errors.
func ClaimedTrust(env *index.Envelope) int64 {
	var claim struct {
		Trust int64 `json:"trust"`
	}
	if len(env.Payload) > index.MaxHead || index.Decode([]byte(env.Payload), &claim) != nil {
		return 0
	}
	return claim.Trust
}

func newerTrust(d *Document, n int64, cause error) *Error {
	return &Error{
		Code:     Missing,
		Found:    fmt.Sprintf("the index needs trust document %d, and the newest one found is %d", n, d.Version),
		Expected: fmt.Sprintf("%s beside it", index.TrustPath(d.Version+1)),
		Err:      cause,
	}
}

func (h *Head) checkDocument(d *Document) error {
	e := &Error{Code: TrustPin}
	switch {
	case h.Repository != d.Repository:
		e.Found = fmt.Sprintf("the index is of the repository %s", h.Repository)
		e.Expected = d.Repository
	case d.root != "" && h.Root != d.root:
		e.Found = fmt.Sprintf("%s has the root %s", h, orNone(h.Root))
		e.Expected = string(d.root)
	case h.Trust > d.Version:
		return newerTrust(d, h.Trust, nil)
	case h.Epoch < d.Epoch:
		e.Code = Missing
		e.Found = fmt.Sprintf("%s is of epoch %d and was not moved yet", h, h.Epoch)
		e.Expected = fmt.Sprintf("epoch %d, as %s says", d.Epoch, d)
	case h.Epoch > d.Epoch:
		e.Code = TrustChain
		e.Found = fmt.Sprintf("%s is of epoch %d", h, h.Epoch)
		e.Expected = fmt.Sprintf("epoch %d, as %s says", d.Epoch, d)
	default:
		return nil
	}
	return e
}

// String names the head in a text.
func (h *Head) String() string {
	return fmt.Sprintf("index %d of %s", h.Seq, h.Repository)
}

// Deadline is when the head expires: at its own date, at most 35 days after it was
// issued.
func (h *Head) Deadline() time.Time {
	if last := h.Issued.Add(maxLife); h.Expires.After(last) {
		return last
	}
	return h.Expires.Time
}

// CheckFresh refuses a head that was issued more than a day after now (CLOCK) or
// expired more than grace before it (FROZEN). Grace is cut to what the trust
// document allows.
func (h *Head) CheckFresh(now time.Time, grace time.Duration) error {
	if h.Issued.After(now.Add(MaxAhead)) {
		return &Error{
			Code:     Clock,
			Found:    fmt.Sprintf("%s was issued at %s, and the clock says %s", h, stamp(h.Issued.Time), stamp(now)),
			Expected: "no more than a day between them",
		}
	}
	if now.After(h.Deadline().Add(h.doc.grace(grace))) {
		return &Error{
			Code:     Frozen,
			Found:    fmt.Sprintf("%s expired at %s", h, stamp(h.Deadline())),
			Expected: fmt.Sprintf("one that is valid at %s", stamp(now)),
		}
	}
	return nil
}
