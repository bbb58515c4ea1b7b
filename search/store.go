package search

import (
	"fmt"
	"path/filepath"
)

// Store is the folder of one repository's catalog.
type Store struct {
	Dir string

	chunk int // in place of chunkSize, where tests want many segments of few lines
}

// Open opens the current generation for reading. The caller closes it.
//
// It needs no lock and no write permission. The error is ErrNone or wraps
// ErrCorrupt, unless the operating system refuses access.
func (s Store) Open() (*Catalog, error) {
	current, err := s.current()
	for err == nil {
		cat, damage := openCatalog(s.folder(current))
		if damage == nil {
			return cat, nil
		}
		// An update may have removed the generation since the pointer was
		// read; then the pointer has moved on, and it is tried again.
		before := current
		if current, err = s.current(); err == nil && current == before {
			return nil, fmt.Errorf("opening generation %d: %w", current, corrupt(damage))
		}
	}
	return nil, err
}

func (s Store) path(name string) string {
	return filepath.Join(s.Dir, name)
}
