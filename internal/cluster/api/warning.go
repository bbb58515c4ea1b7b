package api

import (
	"context"
	"slices"
	"sync"
)

// maxWarnings bounds what one run collects.
const maxWarnings = 100

// warnings are those of the server that nobody has taken yet, each text once.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

// HandleWarningHeaderWithContext keeps a warning.
func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, _ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.texts) < maxWarnings && !slices.Contains(w.texts, text) {
		w.texts = append(w.texts, text)
	}
}

func (w *warnings) drain() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := w.texts
	w.texts = nil
	return found
}
