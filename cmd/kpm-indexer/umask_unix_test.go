//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/site"
)

// TestModesOfKeys: keys are their owner's, what is public can be read, and the
// files of a new packages repository are as the umask has them.
func TestModesOfKeys(t *testing.T) {
	dir := t.TempDir()
	s := &strangers{t: t, dir: dir}
	for umask, usual := range map[int]fs.FileMode{0: 0o666, 0o022: 0o644, 0o077: 0o600} {
		was := syscall.Umask(umask)
		keys, repo := filepath.Join(dir, usual.String()), filepath.Join(dir, usual.String()+"r")
		_, made := s.kpmIndexer("trust", "init", "--out", keys, "--name", "acme")
		_, begun := s.kpmIndexer("init", repo, "--name", "acme")
		syscall.Umask(was)
		if made != 0 || begun != 0 {
			t.Fatalf("umask %03o: exit codes %d, %d", umask, made, begun)
		}
		for path, want := range map[string]fs.FileMode{
			keys + "/trust.key": 0o600, keys + "/index.key": 0o600, keys + "/index.key.pub": 0o644, keys + "/1.json": 0o644,
			repo + "/kpm-repository.yaml": usual,
		} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("umask %03o: %s has mode %04o, want %04o", umask, path, got, want)
			}
		}
	}
}

// TestModesOfPages: a web server that runs as somebody else reads what is drawn,
// whatever the umask was.
func TestModesOfPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "web")
	was := syscall.Umask(0o077)
	err := writePage(dir, site.Page{Path: "pages/a/index.html", Data: []byte("a")})
	syscall.Umask(was)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{dir: 0o755, dir + "/pages/a": 0o755, dir + "/pages/a/index.html": 0o644} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %04o, want %04o", path, got, want)
		}
	}
}
