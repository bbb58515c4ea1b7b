package sharedtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Built is the absolute path of something that does not come with the repository. Where
// it is missing the test is skipped, and says how to get it; in CI the test fails.
func Built(t testing.TB, path, how string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(abs); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not there: %s", path, how)
		}
		t.Skipf("%s is not there: %s", path, how)
	}
	return abs
}

// Write makes a file, and the folders above it.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Overwrite replaces the files that match a pattern, of which there has to be one.
func Overwrite(t testing.TB, pattern, text string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("nothing matches %s: %v", pattern, err)
	}
	for _, path := range paths {
		Write(t, path, text)
	}
}

// ReadableByAll wants every folder below dir to have mode 0755 and every file 0644, but for
// those whose names begin with a dot, and gives how many there are.
func ReadableByAll(t testing.TB, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case strings.HasPrefix(d.Name(), "."):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o644)
		if d.IsDir() {
			want = 0o755
		}
		if n++; info.Mode().Perm() != want {
			t.Errorf("%s has mode %04o, want %04o", at, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return n
}
