package search_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
)

// realKubes reads names and descriptions that some 400 authors wrote, from the
// folder that KPM_SHARED names. Without it the test is skipped.
func realKubes(t *testing.T) []index.Line {
	t.Helper()
	shared := os.Getenv("KPM_SHARED")
	if shared == "" {
		t.Skip("KPM_SHARED names no folder with descriptions by other people")
	}
	b, err := os.ReadFile(filepath.Join(shared, "corpus", "descriptions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var records []index.Record
	if err := json.Unmarshal(b, &records); err != nil {
		t.Fatal(err)
	}
	lines := make([]index.Line, len(records))
	for i, r := range records {
		r.Rev = 1
		lines[i] = line(t, r)
	}
	return lines
}
