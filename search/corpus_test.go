package search_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// corpora gives test the records to search in: our own, of testdata/kubes.txt, and
// names and descriptions that some 400 authors wrote, from the folder that KPM_SHARED
// names, without which that half is skipped.
func corpora(t *testing.T, test func(t *testing.T, lines []index.Line)) {
	t.Run("own", func(t *testing.T) { test(t, ownKubes(t)) })
	t.Run("of others", func(t *testing.T) { test(t, kubesOfOthers(t)) })
}

func ownKubes(t *testing.T) []index.Line {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "kubes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []index.Line
	for row := range strings.Lines(string(text)) {
		name, description, _ := strings.Cut(strings.TrimSpace(row), ": ")
		lines = append(lines, kube(t, name, 1, description))
	}
	return lines
}

func kubesOfOthers(t *testing.T) []index.Line {
	t.Helper()
	b, err := os.ReadFile(sharedtest.Path(t, "corpus/descriptions.json"))
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
