package merge

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestApart: what is shown of each side is enough to tell it from each other.
func TestApart(t *testing.T) {
	long := strings.Repeat("long ", 40)
	for name, w := range map[string]struct{ base, ours, theirs, want string }{
		"later lines":        {"a\nb\nc\n", "a\nb\nC\n", "A\nb\nc\n", "a … c … (3 lines) | a … C … (3 lines) | A … (3 lines)"},
		"lines that come":    {"a\n", "a\nb\n", "a\nc\n", "a | a … b … (2 lines) | a … c … (2 lines)"},
		"more lines":         {"a\nb\n", "a\nb\nc\n", "x\nb\n", "a … (2 lines) | a … c … (3 lines) | x … (2 lines)"},
		"far in a line":      {long + "a", long + "b", "x", long[:80] + "… … " + strings.TrimSpace(long[:60]) + " a | " + long[:80] + "… … " + strings.TrimSpace(long[:60]) + " b | x"},
		"spaces":             {"a: 1\n", "  a: 1\n", "    a: 1\n", `"a: 1\n" | "  a: 1\n" | "    a: 1\n"`},
		"the end of a line":  {"a\n", "a", "b\n", `"a\n" | "a" | "b\n"`},
		"nothing was there":  {"", "a\nb\n", "a\nc\n", "nothing | … b … (2 lines) | … c … (2 lines)"},
		"the same below one": {"a\nb\n", "x\nb\n", "y\nb\n", "a … (2 lines) | x … (2 lines) | y … (2 lines)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(shownLines(false, cut([]byte(w.base)), cut([]byte(w.ours)), cut([]byte(w.theirs))), " | ")
			if diff := cmp.Diff(w.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	rnd := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		texts := make([][]string, 3)
		for i := range texts {
			for range 1 + rnd.IntN(5) {
				texts[i] = append(texts[i], strings.Repeat(" ", rnd.IntN(2))+[]string{"", long}[rnd.IntN(8)/7]+string(rune('a'+rnd.IntN(3)))+"\n")
			}
		}
		all := shownLines(false, texts...)
		for i := range all {
			for j := range i {
				if all[i] == all[j] && strings.Join(texts[i], "") != strings.Join(texts[j], "") {
					t.Fatalf("%q and %q are both shown as %q", texts[i], texts[j], all[i])
				}
			}
		}
	}
}
