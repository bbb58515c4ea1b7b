package search

import (
	"os"
	"strings"
)

// buildPrefix starts the names of the folders in which Bleve's offline builder
// works.
const buildPrefix = "scorch-offline-build"

// sweep removes what no reader will ask for: generations older than the
// previous one, and what crashed or refused updates left. What cannot be
// removed now, as Windows does not let go of open files, is left to the next.
func (w *Writer) sweep() {
	entries, err := os.ReadDir(w.store.Dir)
	if err != nil {
		return
	}
	current, err := w.store.current()
	if err != nil {
		current = 0 // no generation counts
	}
	previous := w.before(current)
	for _, e := range entries {
		n, isGen := genNumber(e.Name())
		stale := isGen && n != current && n != previous
		if stale || isLeftover(e.Name()) {
			_ = os.RemoveAll(w.store.path(e.Name()))
		}
	}
}

// before is the generation that was current before n, or 0.
func (w *Writer) before(n int) int {
	numbers, _ := w.store.generations()
	previous := 0
	for _, g := range numbers {
		if g < n {
			previous = max(previous, g)
		}
	}
	return previous
}

func isLeftover(name string) bool {
	return strings.HasPrefix(name, buildPrefix) || name == pointerFile+tempSuffix
}
