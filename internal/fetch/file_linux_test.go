package fetch_test

import (
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/kpm-sh/kpm/internal/fetch"
)

// What is no regular file is not even opened: opening a device may do something,
// and opening a FIFO wakes whoever waits at its other end.
func TestFileSourceLooksBeforeItOpens(t *testing.T) {
	dir := tree(t)
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	opens, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(opens) }() // only read
	for _, path := range []string{fifo, filepath.Join(dir, "v1", "index.json")} {
		if _, err := unix.InotifyAddWatch(opens, path, unix.IN_OPEN); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, fileURL(dir))
	if _, err := s.Get(t.Context(), "fifo", fetch.Get{Limit: 10}); err == nil {
		t.Error("a FIFO was read")
	}
	events := make([]byte, 4096)
	if n, err := unix.Read(opens, events); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("the FIFO was opened (%d bytes of events, %v)", n, err)
	}
	if _, err := s.Get(t.Context(), "v1/index.json", fetch.Get{Limit: 10}); err != nil {
		t.Fatal(err)
	}
	if n, err := unix.Read(opens, events); err != nil || n == 0 {
		t.Errorf("opening a file went unnoticed, so this test would not notice anything (%d, %v)", n, err)
	}
}
