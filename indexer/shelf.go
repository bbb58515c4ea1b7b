package indexer

import (
	"sync"

	"github.com/kpm-sh/kpm/internal/index"
)

// maxShelf is how many bytes of documents are kept that were read, beside those that a
// build made itself: one that has no place is read again.
const maxShelf = 64 << 20

// documentRatio is about how many bytes a document has in memory for one that is stored.
const documentRatio = 8

// shelf keeps documents: who judges the folders needs all of them, who draws pages of many
// Kubes does, and who draws those of one. They are not to be changed.
type shelf struct {
	mu        sync.Mutex
	taken     int64 // bytes of memory, about
	documents map[index.Digest]*index.Document
}

// keep takes a document as it is published, where there is room. A shelf that is nil has
// none.
func (s *shelf) keep(stored index.Ref, d *index.Document) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken += stored.Size * documentRatio; s.taken <= maxShelf {
		s.put(stored, d)
	}
}

// put takes a document that is in memory anyway.
func (s *shelf) put(stored index.Ref, d *index.Document) {
	if s.documents == nil {
		s.documents = map[index.Digest]*index.Document{}
	}
	s.documents[stored.SHA256] = d
}

// document gives the document of a record if it is here, else nil.
func (s *shelf) document(l index.Line) *index.Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.documents[l.Doc.SHA256]
}
