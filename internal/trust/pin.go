package trust

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
)

// Pin names one trust document: its number and the digest of its payload. It is
// written 1@sha256:HEX.
type Pin struct {
	Version int64
	Digest  index.Digest
}

// PinOf is the pin of an envelope that is to be document n. It verifies nothing.
func PinOf(n int64, env *index.Envelope) Pin {
	return Pin{n, env.Digest()}
}

// ParsePin reads the one form that String writes.
func ParsePin(s string) (Pin, error) {
	number, digest, ok := strings.Cut(s, "@sha256:")
	n, err := strconv.ParseInt(number, 10, 64)
	p := Pin{n, index.Digest(digest)}
	if !ok || err != nil || n < 1 || !p.Digest.Valid() || p.String() != s {
		return Pin{}, fmt.Errorf("reading pin: %q is not of the form 1@sha256:HEX", s)
	}
	return p, nil
}

// String is the form that ParsePin reads.
func (p Pin) String() string {
	return fmt.Sprintf("%d@sha256:%s", p.Version, p.Digest)
}

// MarshalText writes String.
func (p Pin) MarshalText() ([]byte, error) {
	return []byte(p.String()), nil
}

// UnmarshalText reads what ParsePin reads.
func (p *Pin) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePin(string(text))
	return err
}
