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

// Up to 10 chunks of lines make a segment each on all cores, more make one; what a
// search finds, and in which order, is the same. A chunk has 1,000 lines, here a
// tenth of that.
func TestSegmentsOfABuild(t *testing.T) {
	t.Parallel()
	chunk := soak(100, 1000)
	lines := prose(t, 10*chunk+1, 2)
	stores := map[int]search.Store{}
	for n, want := range map[int]int{0: 1, 1: 1, chunk: 1, chunk + 1: 2, 10 * chunk: 10, 10*chunk + 1: 1} {
		s := search.Store{Dir: t.TempDir()}.InChunks(chunk)
		replace(t, s, "1", lines[:n]...)
		if seal := sealOf(t, s, "gen-1"); seal.Base != want || n > 0 && seal.Segments != want || seal.Lines != n {
			t.Errorf("%d lines: got %+v, want %d segments", n, seal, want)
		}
		stores[n] = s
	}
	apply(t, stores[10*chunk], "2", lines[10*chunk])
	many, one := open(t, stores[10*chunk]), open(t, stores[10*chunk+1])
	for _, pattern := range []string{word(3), word(5) + " " + word(9), word(20)[:2] + "*", lines[5].Name, lines[9].Name[1:]} {
		if diff := cmp.Diff(find(t, one, pattern, 20), find(t, many, pattern, 20)); diff != "" {
			t.Errorf("%s (-one segment +many):\n%s", pattern, diff)
		}
	}
}

// Updates add segments to those of the full build, and merge their own.
func TestSegmentsOfUpdates(t *testing.T) {
	t.Parallel()
	lines := generated(t, 260)
	s := search.Store{Dir: t.TempDir()}.InChunks(100)
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

// TestSegmentsOfThousands is where Kubes are as many as a chunk has.
func TestSegmentsOfThousands(t *testing.T) {
	t.Parallel()
	s := search.Store{Dir: t.TempDir()}
	replace(t, s, "1", generated(t, 1001)...)
	if seal := sealOf(t, s, "gen-1"); seal.Segments != 2 {
		t.Errorf("got %+v, want 2 segments", seal)
	}
}
