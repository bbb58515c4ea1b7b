package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Failures do not take away what one goes back to, and what heals drift takes the
// place of what it repeats.
func TestRemembered(t *testing.T) {
	for name, c := range map[string]struct{ history, want string }{ // newest first: 3i2 is an installed third one that repeats the second
		"few":                     {"3i 2f 1i", "3 2 1"},
		"many":                    {"12i 11i 10i 9i 8i 7i 6i 5i 4i 3i 2i 1i", "12 11 10 9 8 7 6 5 4 3"},
		"failures since":          {"13f 12f 11f 10f 9f 8f 7f 6f 5f 4f 3f 2i 1i", "13 12 11 10 9 8 7 6 2 1"},
		"healed each night":       {"9i8 8i7 7i3 3i 2f 1i", "9 2 1"},
		"healed in a full house":  {"12i11 11i 10f 9f 8f 7f 6f 5f 4f 3f 2f 1i", "12 10 9 8 7 6 5 4 3 1"},
		"a failed one repeats":    {"3f2 2i 1i", "3 2 1"},
		"itself, and a later one": {"3i3 2i3 1i", "3 2 1"},
		"none":                    {"", ""},
	} {
		var revisions []Revision
		for word := range strings.FieldsSeq(c.history) {
			var r Revision
			var status byte
			if n, err := fmt.Sscanf(word+" 0", "%d%c%d", &r.Number, &status, &r.Repeats); n < 2 {
				t.Fatal(err)
			}
			r.Status = map[byte]Status{'i': Installed, 'f': Failed}[status]
			revisions = append(revisions, r)
		}
		kept := retained(revisions)
		var got []string
		for _, r := range revisions {
			if kept[r.Number] {
				got = append(got, fmt.Sprint(r.Number))
			}
		}
		if !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: kept %v, want %s", name, got, c.want)
		}
	}
}
