package indexer

import (
	"context"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Opened is a published site that was opened as a client opens it, what its
// head says being signed by who may; or one that is about to be published.
type Opened struct {
	Head  *index.Head
	Lines []index.Line // ascending by name, gone ones included
	Trust *trust.Document
	Pin   string // of the first trust document, as users pin it
	read  reader
	shelf *shelf
}

func newOpened(h *index.Head, lines []index.Line, c *chain, read reader) *Opened {
	roots := func(ref index.Ref) ([]byte, error) {
		return read(context.Background(), index.ObjectPath(ref.SHA256), ref)
	}
	return &Opened{Head: h, Lines: lines, Trust: c.newest().WithObjects(roots), Pin: trust.Pin{Version: 1, Digest: h.Root}.String(), read: read, shelf: &shelf{}}
}

// Read gives the bytes at a path of the site, which are those that ref names.
// It may be called from several goroutines.
func (o *Opened) Read(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	return o.read(ctx, path, ref)
}

// Document gives the document of one of Lines, which is not to be changed. It may be
// called from several goroutines.
func (o *Opened) Document(ctx context.Context, l index.Line) (*index.Document, error) {
	if d := o.shelf.document(l); d != nil {
		return d, nil
	}
	d, err := readDocument(ctx, l, o.read)
	if err == nil {
		o.shelf.keep(l.Doc, d)
	}
	return d, err
}
