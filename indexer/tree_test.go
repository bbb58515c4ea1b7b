package indexer_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/index"
)

// tree is every file below dir, by path, as its digest, but for the lock. A
// dir that is not there has no files.
func tree(t testing.TB, dir string) map[string]index.Digest {
	t.Helper()
	files := map[string]index.Digest{}
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && at == dir {
			return nil
		}
		if err != nil || d.IsDir() || d.Name() == ".lock" {
			return err
		}
		data, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(must(filepath.Rel(dir, at)))] = index.DigestOf(data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// added are the paths of after that before does not have, sorted.
func added(before, after map[string]index.Digest) []string {
	var paths []string
	for path := range after {
		if _, ok := before[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// same fails unless the trees are equal.
func same(t testing.TB, before, after map[string]index.Digest) {
	t.Helper()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the site changed (-before +after):\n%s", diff)
	}
}
