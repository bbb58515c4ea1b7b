package search_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/search"
)

// sealOf is what the seal of generation gen-N says.
func sealOf(t *testing.T, s search.Store, generation string) (seal struct{ Base, Segments, Updated, Lines int }) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Dir, generation, "seal.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &seal); err != nil {
		t.Fatal(err)
	}
	return seal
}

// Up to 10,000 lines make segments of 1,000 on all cores, more make one; what a
// search finds, and in which order, is the same.
func TestSegmentsOfABuild(t *testing.T) {
	t.Parallel()
	lines := prose(t, 10_001, 2)
	stores := map[int]search.Store{}
	for n, want := range map[int]int{0: 1, 1: 1, 1000: 1, 1001: 2, 10_000: 10, 10_001: 1} {
		s := search.Store{Dir: t.TempDir()}
		replace(t, s, "1", lines[:n]...)
		if seal := sealOf(t, s, "gen-1"); seal.Base != want || n > 0 && seal.Segments != want || seal.Lines != n {
			t.Errorf("%d lines: got %+v, want %d segments", n, seal, want)
		}
		stores[n] = s
	}
	apply(t, stores[10_000], "2", lines[10_000])
	many, one := open(t, stores[10_000]), open(t, stores[10_001])
	for _, pattern := range []string{word(3), word(5) + " " + word(9), word(20)[:2] + "*", lines[5].Name, lines[9].Name[1:]} {
		if diff := cmp.Diff(find(t, one, pattern, 20), find(t, many, pattern, 20)); diff != "" {
			t.Errorf("%s (-one segment +many):\n%s", pattern, diff)
		}
	}
}

// Updates add segments to those of the full build, and merge their own.
func TestSegmentsOfUpdates(t *testing.T) {
	t.Parallel()
	lines := generated(t, 2600)
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "1", lines...)
	most := 0
	for i := range 20 {
		apply(t, s, "2", lines[i], lines[i+30])
		most = max(most, sealOf(t, s, fmt.Sprintf("gen-%d", i+2)).Segments)
	}
	if most < 5 || most > 3+8 {
		t.Errorf("20 updates of 3 segments had %d at most, want a few more than 3", most)
	}
}
