package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWriteAll: of several files all are written or none.
func TestWriteAll(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) newFile { return newFile{filepath.Join(dir, name), []byte("x"), 0o600} }
	if err := writeAll([]newFile{at("a"), at("b"), at("b/c")}); err == nil {
		t.Error("a file was written below a file")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s stayed", left[0].Name())
	}
	if err := writeAll([]newFile{at("a"), at("b")}); err != nil {
		t.Error(err)
	}
}
