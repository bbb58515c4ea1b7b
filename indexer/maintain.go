package indexer

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// MaintainOptions say which published site is looked after.
type MaintainOptions struct {
	Site   string // folder, or URL for an audit
	Trust  string // folder of trust documents, "" for those of the site
	Now    time.Time
	Fetch  fetch.Options
	Report Report
}

// maintained is a published site, opened as a client opens it.
type maintained struct {
	source    *fetch.Source
	chain     *chain
	published *Published
}

func (o MaintainOptions) open(ctx context.Context) (*maintained, error) {
	source, err := fetch.Open(fetch.URL(o.Site), o.Fetch)
	if err != nil {
		return nil, err
	}
	m := &maintained{source: source}
	if m.chain, err = openChain(ctx, source, o.Trust); err != nil {
		return nil, err
	}
	m.published, err = openPublished(ctx, source, m.chain)
	return m, err
}

// object reads a file of the site that the index names.
func (m *maintained) object(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	return m.source.Object(ctx, path, ref, false)
}

// errChainEnds says that the object of a previous head is not there. That is
// how a chain ends whose older part was collected; one that is there and
// damaged is another error.
var errChainEnds = errors.New("the chain of previous heads is broken")

// history gives the heads before the published one, newest first, each opened
// by its signature. It ends without an error at the first head; a head that is
// missing is errChainEnds.
func (m *maintained) history(ctx context.Context) iter.Seq2[*Published, error] {
	return func(yield func(*Published, error) bool) {
		for at := m.published.Head; at.Prev != ""; {
			old, err := m.previous(ctx, at)
			if !yield(old, err) || err != nil {
				return
			}
			at = old.Head
		}
	}
}

func (m *maintained) previous(ctx context.Context, h *index.Head) (*Published, error) {
	ref, ok := h.Previous()
	if !ok {
		return nil, fmt.Errorf("%w: head %d does not name the object of the head before it", errChainEnds, h.Seq)
	}
	data, err := m.object(ctx, index.ObjectPath(ref.SHA256), ref)
	if errors.Is(err, fetch.ErrNotFound) {
		return nil, fmt.Errorf("%w: the head before %d: %w", errChainEnds, h.Seq, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the head before %d: %w", h.Seq, err)
	}
	old, err := m.chain.openOld(data)
	if err != nil {
		return nil, fmt.Errorf("the head before %d: %w", h.Seq, err)
	}
	if old.Envelope.Digest() != h.Prev {
		return nil, fmt.Errorf("the head before %d is not the one that it names: its payload has digest %s", h.Seq, old.Envelope.Digest())
	}
	old.source = m.source
	return old, nil
}
