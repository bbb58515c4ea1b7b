package indexer

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// errChainEnds says that the object of a previous head is not there. That is
// how a chain ends whose older part was collected; one that is there and
// damaged is another error.
var errChainEnds = errors.New("the chain of previous heads is broken")

// history gives the heads before the published one, newest first, each opened
// by its signature. It ends without an error at the first head; a head that is
// missing is errChainEnds.
func (r *repository) history(ctx context.Context) iter.Seq2[*state, error] {
	return func(yield func(*state, error) bool) {
		for at := r.published.Head; at.Prev != ""; {
			old, err := r.previous(ctx, at)
			if !yield(old, err) || err != nil {
				return
			}
			at = old.Head
		}
	}
}

func (r *repository) previous(ctx context.Context, h *index.Head) (*state, error) {
	ref, ok := h.Previous()
	if !ok {
		return nil, fmt.Errorf("%w: head %d does not name the object of the head before it", errChainEnds, h.Seq)
	}
	data, err := r.read(ctx, index.ObjectPath(ref.SHA256), ref)
	if errors.Is(err, fetch.ErrNotFound) {
		return nil, fmt.Errorf("%w: the head before %d: %w", errChainEnds, h.Seq, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the head before %d: %w", h.Seq, err)
	}
	old, err := r.chain.openOld(data)
	if err != nil {
		return nil, fmt.Errorf("the head before %d: %w", h.Seq, err)
	}
	if old.Envelope.Digest() != h.Prev {
		return nil, fmt.Errorf("the head before %d is not the one that it names: its payload has digest %s", h.Seq, old.Envelope.Digest())
	}
	return old, nil
}
