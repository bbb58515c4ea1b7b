package search_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
)

// realKubes reads names and descriptions that some 400 authors wrote, from
// shared/corpus beside the module. It skips the test where that is not there,
// which must not happen in CI.
func realKubes(t *testing.T) []index.Line {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "corpus", "descriptions.json")
	b, err := os.ReadFile(path)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("the descriptions are not there: %v", err)
	}
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
