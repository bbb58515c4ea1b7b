//go:build unix

package indexer_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// TestModes: what is published can be read by a web server that runs as
// somebody else, whatever umask the publisher has.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o027, 0o077} {
		k := newKit(t)
		k.site = filepath.Join(k.dir, "www/acme/site")
		was := syscall.Umask(umask)
		_, err := k.try(starting(k.trust))
		syscall.Umask(was)
		if err != nil {
			t.Fatalf("umask %03o: %v", umask, err)
		}
		if n := sharedtest.ReadableByAll(t, filepath.Join(k.dir, "www")); n < 10 {
			t.Errorf("umask %03o: only %d files and folders", umask, n)
		}
	}
}

// TestModesOfOthers: a folder that was there keeps its mode.
func TestModesOfOthers(t *testing.T) {
	k := newKit(t)
	if err := errors.Join(os.MkdirAll(k.site, 0o750), os.Chmod(k.site, 0o750)); err != nil {
		t.Fatal(err)
	}
	k.first()
	info, err := os.Stat(k.site)
	if err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("the site has mode %04o (%v)", info.Mode().Perm(), err)
	}
}
