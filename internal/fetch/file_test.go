package fetch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// tree writes a small site and returns its directory.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "v1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "v1", "index.json"), []byte("head"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFileSource(t *testing.T) {
	s := open(t, fileURL(tree(t))+"/")
	r, err := s.Get(t.Context(), "v1/index.json", fetch.Get{Limit: 4, ETag: `"x"`, AcceptGzip: true})
	if err != nil || string(r.Body) != "head" || r.NotModified || r.ETag != "" {
		t.Errorf("got %+v, %v, want the file", r, err)
	}
	b, err := s.Object(t.Context(), "v1/index.json", index.RefOf([]byte("head")), true)
	if err != nil || string(b) != "head" {
		t.Errorf("got %q, %v, want the file", b, err)
	}
	if n, bytes := s.Stats(); n != 2 || bytes != 8 {
		t.Errorf("got %d requests and %d bytes, want 2 and 8", n, bytes)
	}
}

func TestFileSourceErrors(t *testing.T) {
	dir := tree(t)
	s := open(t, fileURL(dir))
	if _, err := s.Get(t.Context(), "v1/index.json", fetch.Get{Limit: 3}); err == nil || !strings.Contains(err.Error(), "more than 3 bytes") {
		t.Errorf("too long: got %v", err)
	}
	if _, err := s.Get(t.Context(), "trust/2.json", fetch.Get{Limit: 3}); !errors.Is(err, fetch.ErrNotFound) {
		t.Errorf("missing: got %v, want %v", err, fetch.ErrNotFound)
	}
	if _, err := s.Get(t.Context(), "v1", fetch.Get{Limit: 3}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("directory: got %v", err)
	}
	_, err := s.Object(t.Context(), "v1/index.json", index.RefOf([]byte("daeh")), false)
	wantMismatch(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, "v1/index.json", fetch.Get{Limit: 4}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v, want %v", err, context.Canceled)
	}
	s = open(t, fileURL(filepath.Join(dir, "v1", "index.json")))
	if _, err := s.Get(t.Context(), "x", fetch.Get{}); !errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("root is a file: got %v, want %v", err, fetch.ErrUnreachable)
	}
}
