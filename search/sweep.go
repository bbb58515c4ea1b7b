package search

import (
	"errors"
	"os"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// buildPrefix starts the names of the folders in which Bleve's offline builder
// works.
const buildPrefix = "scorch-offline-build"

// sweep removes what no reader will ask for: generations older than the
// previous one, and what crashed or refused updates left. What cannot be
// removed now, as Windows does not let go of open files, is left to the next.
func (w *Writer) sweep() {
	current, err := w.store.current()
	if err != nil && !errors.Is(err, ErrNone) && !errors.Is(err, ErrCorrupt) {
		return // who knows which one is in use
	}
	entries, err := os.ReadDir(w.store.Dir)
	if err != nil {
		return
	}
	previous := previousOf(current, entries)
	for _, e := range entries {
		n, isGen := genNumber(e.Name())
		if isGen && n != current && n != previous || isLeftover(e.Name()) {
			_ = os.RemoveAll(w.store.path(e.Name())) //nolint:errcheck // what stays is swept the next time
		}
	}
}

// previousOf is the highest generation below current, or 0.
func previousOf(current int, entries []os.DirEntry) int {
	previous := 0
	for _, e := range entries {
		if n, ok := genNumber(e.Name()); ok && n < current {
			previous = max(previous, n)
		}
	}
	return previous
}

func isLeftover(name string) bool {
	return strings.HasPrefix(name, buildPrefix) || strings.HasPrefix(name, atomicfile.TempPrefix)
}
