package sitetest

import "maps"

// Files are all that is published now, by path.
func (s *Site) Files() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.files)
}
