package search

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// Writer is the right to change a store. There is one at a time, over all
// processes: an update that computes changes from the catalog it sees must hold
// it from before it looks until it has written.
type Writer struct {
	store Store
	lock  *atomicfile.Held
}

// Lock waits until no other process updates the store, or ctx is done, and
// makes the folder when there is none. The caller unlocks.
func (s Store) Lock(ctx context.Context) (*Writer, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	held, err := atomicfile.Lock(ctx, s.path(lockFile))
	if err != nil {
		return nil, err
	}
	return &Writer{s, held}, nil
}

// Unlock lets the next writer in.
func (w *Writer) Unlock() {
	w.lock.Unlock()
}

// publish makes a new generation: fill writes the index below dir and returns
// its seal without the files. On an error the current generation stays.
func (w *Writer) publish(state []byte, fill func(dir string) (seal, error)) error {
	n, err := w.next()
	if err != nil {
		return err
	}
	w.sweep()
	defer w.sweep()
	dir := w.store.folder(n)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	s, err := fill(dir)
	if err != nil {
		return err
	}
	if err := finish(dir, s, state); err != nil {
		return err
	}
	if err := atomicfile.SyncDir(w.store.Dir); err != nil {
		return err
	}
	return w.store.point(n)
}

// finish adds state and seal to a filled generation and makes it durable.
func finish(dir string, s seal, state []byte) error {
	if err := writeFile(filepath.Join(dir, stateFile), state); err != nil {
		return err
	}
	if err := s.measure(dir); err != nil {
		return err
	}
	if err := s.verify(dir); err != nil {
		return fmt.Errorf("checking the new generation: %w", err)
	}
	if err := s.write(dir); err != nil {
		return err
	}
	ix := filepath.Join(dir, indexFolder)
	if err := atomicfile.SyncFile(filepath.Join(ix, "index_meta.json")); err != nil { // Bleve syncs all but this
		return err
	}
	for _, folder := range []string{filepath.Join(ix, "store"), ix, dir} {
		if err := atomicfile.SyncDir(folder); err != nil {
			return err
		}
	}
	return nil
}

// next is a number above that of every generation, finished or not.
func (w *Writer) next() (int, error) {
	entries, err := os.ReadDir(w.store.Dir)
	return previousOf(math.MaxInt, entries) + 1, err
}
