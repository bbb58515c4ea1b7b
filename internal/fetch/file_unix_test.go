//go:build unix

package fetch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/kpm-sh/kpm/internal/fetch"
)

// What stands where a file should be must neither hang us nor lead us out.
func TestFileSourceOpensOnlyRegularFiles(t *testing.T) {
	dir := tree(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{
		"inside": "v1/index.json", "dir": "v1", "to-fifo": "fifo", "zero": "/dev/zero", "out": secret,
		"up": "../" + filepath.Base(filepath.Dir(secret)), "circle": "circle", "absolute": filepath.Join(dir, "v1", "index.json"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, fileURL(dir))
	for _, path := range []string{"inside", "dir/index.json"} {
		if r, err := s.Get(t.Context(), path, fetch.Get{Limit: 10}); err != nil || string(r.Body) != "head" {
			t.Errorf("%s: got %q, %v, want the file", path, r.Body, err)
		}
	}
	for _, path := range []string{"fifo", "fifo/x", "to-fifo", "zero", "out", "up/secret", "circle", "absolute"} {
		r, err := s.Get(t.Context(), path, fetch.Get{Limit: 10})
		if err == nil {
			t.Errorf("%s: got %q, want an error", path, r.Body)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %q shows the content", path, err)
		}
	}
	for _, root := range []string{"file:///dev", fileURL(filepath.Join(dir, "fifo"))} {
		if _, err := open(t, root).Get(t.Context(), "zero", fetch.Get{Limit: 10}); err == nil {
			t.Errorf("%s: zero: no error", root)
		}
	}
}
