package trust

import (
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
)

// Floor is what a client remembers of the newest head that it accepted; nothing
// below it is accepted again. A nil Floor is below everything, and so is each zero
// field: Floor{Seq: 42} asks for a number alone. It is written to disk as JSON.
type Floor struct {
	Repository string       `json:"repository"`
	Root       index.Digest `json:"root"`
	Epoch      int64        `json:"epoch"`
	Seq        int64        `json:"seq"`
	Digest     index.Digest `json:"digest"` // of the head's payload
	Issued     index.Time   `json:"issued"`
	Proven     index.Time   `json:"proven,omitzero"` // the latest time that signatures proved
}

// Floor is the floor that an accepted head is from now on, over the one before, which may
// be nil. What was proven once stays.
func (h *Head) Floor(before *Floor) *Floor {
	f := &Floor{h.Repository, h.Root, h.Epoch, h.Seq, h.Digest, h.Issued, index.Time{}}
	if !h.Proven.IsZero() {
		f.Proven = index.At(h.Proven)
	}
	if before != nil && before.Proven.After(f.Proven.Time) {
		f.Proven = before.Proven
	}
	return f
}

// maxSkew is how far the clocks of those who prove a time may be ahead.
const maxSkew = 5 * time.Minute

// Now is now, or when the floor's head was issued if that is later, or what signatures
// proved: no clock runs back behind a signed date.
func (f *Floor) Now(now time.Time) time.Time {
	if f == nil {
		return now
	}
	for _, at := range []time.Time{f.Issued.Time, f.Proven.Add(-maxSkew)} {
		if at.After(now) {
			now = at
		}
	}
	return now
}

// under is what of the floor holds for h: a higher epoch drops number, digest and the
// date of the head, which its signer chose; a time that others proved stays. Only a trust document raises an epoch, so one of version 0 never does.
func (f *Floor) under(h *Head) *Floor {
	switch {
	case f == nil:
		return &Floor{}
	case h.doc.Version > 0 && f.Epoch != 0 && h.Epoch > f.Epoch:
		return &Floor{Repository: f.Repository, Root: f.Root, Proven: f.Proven}
	}
	return f
}

// CheckFloor refuses a head below the floor: of another repository or root
// (TRUST_PIN; under a document of version 0, of another epoch too), of a lower
// epoch or number (ROLLBACK), or of the same number with another payload
// (EQUIVOCATION).
func (h *Head) CheckFloor(floor *Floor) error {
	f := floor.under(h)
	if err := h.checkPinned(f); err != nil {
		return err
	}
	e := &Error{Code: Rollback}
	switch {
	case h.Epoch < f.Epoch:
		e.Found = fmt.Sprintf("%s is of epoch %d", h, h.Epoch)
		e.Expected = fmt.Sprintf("%d or higher", f.Epoch)
	case h.Seq < f.Seq:
		e.Found = fmt.Sprintf("%s, issued at %s", h, stamp(h.Issued.Time))
		e.Expected = fmt.Sprintf("number %d or higher", f.Seq)
		if !f.Issued.IsZero() {
			e.Expected += fmt.Sprintf(", issued at %s or later", stamp(f.Issued.Time))
			e.Facts = errcode.Facts{"behind": f.Issued.Sub(h.Issued.Time)}
		}
	case h.Seq == f.Seq && f.Digest != "" && h.Digest != f.Digest:
		e.Code = Equivocation
		e.Found = fmt.Sprintf("%s has the digest %s", h, h.Digest)
		e.Expected = fmt.Sprintf("%s, as it had before", f.Digest)
	default:
		return nil
	}
	return e
}

// checkPinned compares what no head may change. A floor without a repository did
// not come from a head.
func (h *Head) checkPinned(f *Floor) error {
	e := &Error{Code: TrustPin}
	switch {
	case f.Repository == "":
		return nil
	case h.Repository != f.Repository:
		e.Found = fmt.Sprintf("the index is of the repository %s", h.Repository)
		e.Expected = f.Repository
	case h.Root != f.Root:
		e.Found = fmt.Sprintf("%s has the root %s", h, orNone(h.Root))
		e.Expected = orNone(f.Root)
	case h.doc.Version == 0 && f.Epoch != 0 && h.Epoch != f.Epoch:
		e.Found = fmt.Sprintf("%s is of epoch %d", h, h.Epoch)
		e.Expected = fmt.Sprintf("%d, as nothing but trust documents can raise it", f.Epoch)
	default:
		return nil
	}
	return e
}

func orNone(d index.Digest) string {
	if d == "" {
		return "none"
	}
	return string(d)
}
