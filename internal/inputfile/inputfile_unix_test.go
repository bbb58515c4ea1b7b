//go:build unix

package inputfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadWhatIsNoFile: devices end at the limit, a pipe is read where somebody
// writes to it, and never waited for.
func TestReadWhatIsNoFile(t *testing.T) {
	if _, err := Read("/dev/zero", 1000); err == nil || !strings.Contains(err.Error(), "/dev/zero: is more than the 1000 bytes") {
		t.Errorf("/dev/zero: %v", err)
	}
	if data, err := Read("/dev/null", 1000); err != nil || len(data) != 0 {
		t.Errorf("/dev/null: %q, %v", data, err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(pipe, 1000); err == nil || !strings.Contains(err.Error(), pipe+": is a pipe that nobody writes to") {
		t.Errorf("a pipe without a writer: %v", err)
	}
	r, w, err := os.Pipe() // as a shell makes one for <(…)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	if _, err := w.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(fmt.Sprintf("/dev/fd/%d", r.Fd()), 1000); err != nil || string(data) != "text" {
		t.Errorf("a pipe with a writer: %q, %v", data, err)
	}
}

// TestPipeInFolder: a pipe that nobody writes to holds up nobody who opens it.
func TestPipeInFolder(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := FS(dir).Open("pipe")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
