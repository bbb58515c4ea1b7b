package sitetest

import (
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
)

// Files are all that is published now, by path.
func (s *Site) Files() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.files)
}

// Put publishes a file.
func (s *Site) Put(path string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = data
}

// Get is the content of a published file.
func (s *Site) Get(path string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[path]
}

// Remove takes a file away.
func (s *Site) Remove(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, path)
}

// Copy is a second server of what the site has now.
func (s *Site) Copy() *Site {
	c := &Site{t: s.t, Name: s.Name, Now: s.Now, Key: s.Key, Boss: s.Boss, Doc: s.Doc, Pin: s.Pin, Root: s.Root, Head: s.Head,
		Lines: maps.Clone(s.Lines), docs: maps.Clone(s.docs), was: maps.Clone(s.was), files: maps.Clone(s.files)}
	server := httptest.NewServer(c)
	s.t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Write writes all files that are published below dir.
func (s *Site) Write(dir string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, data := range s.files {
		at := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(at, data, 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
}
