package api

import (
	"net/http"
	"slices"
	"sync"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// maxWarnings bounds what one run collects.
const maxWarnings = 100

// warnings are those of the server that nobody has taken yet, each text once.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

func (w *warnings) add(h http.Header) {
	if len(h["Warning"]) == 0 {
		return
	}
	found, _ := utilnet.ParseWarningHeaders(h["Warning"])
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range found {
		if len(w.texts) < maxWarnings && !slices.Contains(w.texts, one.Text) {
			w.texts = append(w.texts, one.Text)
		}
	}
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := w.texts
	w.texts = nil
	return found
}
