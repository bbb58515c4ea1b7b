// Package sharedtest leads tests to what other people wrote: packages, cases and
// descriptions, which are no part of the repository. Each test that uses them has a
// counterpart of our own making beside it, which always runs. Fixtures reads those of
// our own that stand beside a test.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path is a file or folder, with slashes, in the folder that the environment variable
// KPM_SHARED names. Without that variable the test is skipped; without the file in it
// the test fails.
func Path(t testing.TB, name string) string {
	t.Helper()
	shared := os.Getenv("KPM_SHARED")
	if shared == "" {
		t.Skipf("KPM_SHARED names no folder with %s, which other people wrote", name)
	}
	path := filepath.Join(shared, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}
