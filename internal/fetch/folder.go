package fetch

import (
	"net/url"
	"path/filepath"
	"strings"
)

// URL takes a URL as it is, and a folder of this host as its file URL: what
// somebody types may be either.
func URL(s string) string {
	if strings.Contains(s, "://") {
		return s
	}
	if abs, err := filepath.Abs(s); err == nil {
		s = abs
	}
	s = filepath.ToSlash(s)
	if !strings.HasPrefix(s, "/") { // C:/site
		s = "/" + s
	}
	return (&url.URL{Scheme: "file", Path: s}).String()
}
