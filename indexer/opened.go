package indexer

import (
	"context"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Opened is a published site that was opened as a client opens it: what its
// head says is signed by who may.
type Opened struct {
	Head  *index.Head
	Lines []index.Line // ascending by name, gone ones included
	Pin   string       // of the first trust document, as users pin it
	from  *repository
}

// Open opens a published site to read what it has.
func Open(ctx context.Context, o MaintainOptions) (*Opened, error) {
	r, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	head := r.published.Head
	return &Opened{Head: head, Lines: r.published.Lines, Pin: trust.Pin{Version: 1, Digest: head.Root}.String(), from: r}, nil
}

// Read gives the bytes at a path of the site, which are those that ref names.
// It may be called from several goroutines.
func (o *Opened) Read(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	return o.from.read(ctx, path, ref)
}
