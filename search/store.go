package search

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/kpm-sh/kpm/internal/errcode"
)

var (
	// ErrNone is returned when the store has no generation yet.
	ErrNone = errors.New("no catalog yet")

	// ErrCorrupt is returned when the catalog is damaged. It is mended by
	// [Writer.Replace], from lines that were fetched anew.
	ErrCorrupt = errcode.New(errcode.DamagedCatalog, "catalog is damaged")

	// ErrQuery is returned for a pattern that cannot be searched for.
	ErrQuery = errors.New("not a search pattern")
)

// Store is the folder of one repository's catalog.
type Store struct {
	Dir string
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

// corrupt marks err as damage, unless it is already marked or rebuilding the
// catalog would not help: the machine lacks something, and the catalog may be sound.
func corrupt(err error) error {
	if errors.Is(err, ErrCorrupt) || errors.Is(err, fs.ErrPermission) || unlockable(err) || slices.ContainsFunc(shortages, func(s error) bool { return errors.Is(err, s) }) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// shortages are what a machine may lack for a moment.
var shortages = []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOSPC}
