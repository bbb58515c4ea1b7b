//go:build unix

package mirror_test

import (
	"syscall"
	"testing"

	"github.com/kpm-sh/kpm/internal/sharedtest"
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
	if n := sharedtest.ReadableByAll(t, k.dir); n < 20 {
		t.Errorf("only %d files and folders", n)
	}
}
