//go:build unix

package mirror_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestModes: a mirror is served by somebody else, whatever umask its owner has.
func TestModes(t *testing.T) {
	k := newImageKit(t)
	was := syscall.Umask(0o077)
	_, err := k.mirror()
	syscall.Umask(was)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = filepath.WalkDir(k.dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(d.Name(), ".") {
			return err
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
	if err != nil || n < 20 {
		t.Errorf("%d files and folders: %v", n, err)
	}
}
