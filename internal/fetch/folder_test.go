package fetch_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/fetch"
)

func TestURL(t *testing.T) {
	for _, as := range []string{"https://example.org/a", "http://127.0.0.1:1", "file:///a%20b"} {
		if got := fetch.URL(as); got != as {
			t.Errorf("URL(%q) = %q, want it as it is", as, got)
		}
	}
	abs := filepath.Join(t.TempDir(), "a b#c")
	got := fetch.URL(abs)
	if !strings.HasPrefix(got, "file:///") || !strings.HasSuffix(got, "/a%20b%23c") {
		t.Errorf("URL(%q) = %q", abs, got)
	}
	if _, err := fetch.Open(got, fetch.Options{}); err != nil {
		t.Error(err)
	}
	if got := fetch.URL("site"); !strings.HasPrefix(got, "file:///") || !strings.HasSuffix(got, "/site") {
		t.Errorf("URL(site) = %q, want an absolute file URL", got)
	}
}
