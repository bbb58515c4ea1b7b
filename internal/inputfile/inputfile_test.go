package inputfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRead: a file may have all bytes that the limit allows, and not one more.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		size int
		want string
	}{{0, ""}, {99, ""}, {100, ""}, {101, "is more than the 100 bytes that it may have"}, {1 << 20, "is more than the 100 bytes"}} {
		at := filepath.Join(dir, "file")
		if err := os.WriteFile(at, bytes.Repeat([]byte("x"), c.size), 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := Read(at, 100)
		if c.want == "" && (err != nil || len(data) != c.size) {
			t.Errorf("%d bytes: got %d, %v", c.size, len(data), err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), at+": "+c.want)) {
			t.Errorf("%d bytes: got %v, want %q", c.size, err, c.want)
		}
	}
	if _, err := Read(dir, 100); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "none"), 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
