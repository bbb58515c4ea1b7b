package merge

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Chunks are all of the three lists, in order, and alignments are true, however
// often an element occurs.
func TestDiff3CutsAll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	list := func(like []string) []string {
		var out []string
		for _, s := range like {
			switch rnd.IntN(5) {
			case 0:
			case 1:
				out = append(out, s, string(rune('a'+rnd.IntN(12))))
			default:
				out = append(out, s)
			}
		}
		return out
	}
	for range 5000 {
		seed := make([]string, rnd.IntN(30))
		for i := range seed {
			seed[i] = string(rune('a' + rnd.IntN(12)))
		}
		base, ours, theirs := list(seed), list(seed), list(seed)
		var b, o, s []string
		for _, c := range diff3(base, ours, theirs) {
			if c.at != len(o) {
				t.Fatalf("%q %q %q: chunk %+v is not at %d", base, ours, theirs, c, len(o))
			}
			b, o, s = append(b, c.base...), append(o, c.ours...), append(s, c.theirs...)
		}
		if !slices.Equal(b, base) || !slices.Equal(o, ours) || !slices.Equal(s, theirs) {
			t.Fatalf("%q %q %q: got %q %q %q", base, ours, theirs, b, o, s)
		}
		last := -1
		for i, j := range align(base, ours) {
			if j >= 0 && (base[i] != ours[j] || j <= last) {
				t.Fatalf("%q is not at %d of %q", base[i], j, ours)
			}
			last = max(last, j)
		}
	}
}
