package indexer

import (
	"net/url"
	"path/filepath"
	"strings"
)

// SourceURL takes a URL as it is, and a folder as its file URL.
func SourceURL(s string) string {
	if strings.Contains(s, "://") {
		return s
	}
	return FileURL(s)
}

// FileURL is the URL of a folder on this host.
func FileURL(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	dir = filepath.ToSlash(dir)
	if !strings.HasPrefix(dir, "/") { // C:/site
		dir = "/" + dir
	}
	return (&url.URL{Scheme: "file", Path: dir}).String()
}
