//go:build unix

package hook

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// beyond is a file with a descriptor that select(2) has no place for.
func beyond(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, unix.FD_SETSIZE+100)
	if err != nil {
		t.Skipf("this system allows no descriptor above %d: %v", unix.FD_SETSIZE, err)
	}
	high := os.NewFile(uintptr(fd), f.Name())
	t.Cleanup(func() { _ = high.Close() })
	return high
}

// An answer is waited for however many files are open.
func TestManyOpenFiles(t *testing.T) {
	in, keyboard, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	wake, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, wake = beyond(t, in), beyond(t, wake)
	if _, err := keyboard.WriteString("Ann\n"); err != nil {
		t.Fatal(err)
	}
	if ok, err := typed(in, wake); !ok || err != nil {
		t.Errorf("somebody has typed: got %t, %v", ok, err)
	}
	if err := end.Close(); err != nil {
		t.Fatal(err)
	}
	if ok, err := typed(in, wake); ok || err != nil {
		t.Errorf("the hook has ended: got %t, %v", ok, err)
	}
	if err := keyboard.Close(); err != nil {
		t.Fatal(err)
	}
}
