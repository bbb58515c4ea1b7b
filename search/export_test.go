package search

// InChunks is s with n lines in each segment of a build of few lines.
func (s Store) InChunks(n int) Store {
	s.chunk = n
	return s
}
