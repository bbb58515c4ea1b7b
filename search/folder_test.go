package search_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/search"
)

// digests is the content of a store, by slash path.
func digests(t testing.TB, s search.Store) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(s.Dir, path)
		sums[filepath.ToSlash(name)] = fmt.Sprintf("%x", sha256.Sum256(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// checkTidy fails when anything but two generations and the store's own files
// lies in a store.
func checkTidy(t testing.TB, s search.Store) {
	t.Helper()
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}
	gens := 0
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "gen-"):
			gens++
		case e.Name() != "CURRENT" && e.Name() != "update.lock":
			t.Errorf("%s is left", e.Name())
		}
	}
	if gens > 2 {
		t.Errorf("%d generations are left", gens)
	}
}
