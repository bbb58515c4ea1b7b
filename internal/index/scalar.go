package index

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Digest is a sha256 in lower-case hex.
type Digest string

// DigestOf is the digest of b.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest(hex.EncodeToString(sum[:]))
}

// Valid reports whether d has the form of a digest.
func (d Digest) Valid() bool {
	if len(d) != 2*sha256.Size {
		return false
	}
	for i := range len(d) {
		if c := d[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Ref names stored bytes: their sha256 and their size.
type Ref struct {
	SHA256 Digest `json:"sha256"`
	Size   int64  `json:"size"`
}

// RefOf is the reference to b.
func RefOf(b []byte) Ref {
	return Ref{DigestOf(b), int64(len(b))}
}

// Match reports whether b is what r names, and says what differs.
func (r Ref) Match(b []byte) error {
	if int64(len(b)) != r.Size {
		return &MismatchError{Want: r, Size: int64(len(b))}
	}
	if got := DigestOf(b); got != r.SHA256 {
		return &MismatchError{Want: r, Size: r.Size, Got: got}
	}
	return nil
}

// MismatchError says that bytes are not those that a Ref names.
// Got is empty when already the size differs.
type MismatchError struct {
	Want Ref
	Size int64
	Got  Digest
}

func (e *MismatchError) Error() string {
	if e.Got == "" {
		return fmt.Sprintf("size is %d bytes, the index says %d", e.Size, e.Want.Size)
	}
	return fmt.Sprintf("sha256 is %s, the index says %s", e.Got, e.Want.SHA256)
}

// Time is an instant in whole seconds, written as RFC 3339 in UTC
// ("2026-11-22T10:00:00Z"); no other form is read.
type Time struct{ time.Time }

// At is t in UTC, cut to whole seconds.
func At(t time.Time) Time {
	return Time{t.UTC().Truncate(time.Second)}
}

const timeForm = "2006-01-02T15:04:05Z"

// MarshalJSON writes the one form that UnmarshalJSON reads.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"`+timeForm+`"`), nil
}

// UnmarshalJSON reads the one form that MarshalJSON writes.
func (t *Time) UnmarshalJSON(b []byte) error {
	p, err := time.Parse(`"`+timeForm+`"`, string(b))
	if err != nil || p.Format(`"`+timeForm+`"`) != string(b) {
		return fmt.Errorf("time %s is not of the form %s", b, timeForm)
	}
	t.Time = p
	return nil
}
