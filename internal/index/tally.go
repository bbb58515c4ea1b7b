package index

import (
	"crypto/sha256"
	"encoding/hex"
)

// Tally is what a head says of all held lines together: how many Kubes there
// are, and the XOR of sha256 over every line, those of gone Kubes included. A
// line is hashed without its newline. It finds accidents, not attackers.
type Tally struct {
	Kubes int64
	sum   [sha256.Size]byte
}

// ParseTally reads the two values as a head writes them.
func ParseTally(kubes int64, sum Digest) (Tally, error) {
	t := Tally{Kubes: kubes}
	if !sum.Valid() {
		return Tally{}, ErrFormat
	}
	_, err := hex.Decode(t.sum[:], []byte(sum))
	return t, err
}

// Sum is the checksum as a head writes it.
func (t Tally) Sum() Digest {
	return Digest(hex.EncodeToString(t.sum[:]))
}

// Add counts a line in.
func (t *Tally) Add(l Line) { t.toggle(l, 1) }

// Remove counts a line out.
func (t *Tally) Remove(l Line) { t.toggle(l, -1) }

func (t *Tally) toggle(l Line, n int64) {
	if l.Gone == "" {
		t.Kubes += n
	}
	h := sha256.Sum256(l.Raw)
	for i := range h {
		t.sum[i] ^= h[i]
	}
}

// TallyOf counts all lines.
func TallyOf(lines []Line) Tally {
	var t Tally
	for _, l := range lines {
		t.Add(l)
	}
	return t
}

// Agrees reports whether the head announces exactly t.
func (h *Head) Agrees(t Tally) bool {
	return h.Kubes == t.Kubes && h.Sum == t.Sum()
}
