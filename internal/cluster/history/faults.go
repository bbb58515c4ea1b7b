package history

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Damaged says of each installation in a list, in its order, why the newest revision
// that was installed cannot be read; nil when it can, or when we may not.
func (s *Store) Damaged(ctx context.Context, listed []Listed) ([]error, error) {
	found := make([]error, len(listed))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for n, l := range listed {
		if l.Installed == nil {
			continue
		}
		group.Go(func() error {
			_, err := s.record(each, *l.Installed, false, &budget{maxItems})
			switch {
			case errors.Is(err, api.ErrDamaged):
				found[n] = err
			case errors.Is(err, api.ErrForbidden) || errors.Is(err, api.ErrNotFound):
			default:
				return err
			}
			return nil
		})
	}
	return found, group.Wait()
}

// Lost tells whether the holder of a pending revision is gone, as far as its last word
// shows: whoever takes over makes sure of that.
func (s *Store) Lost(r Revision, here Holder) bool {
	if r.Status != Pending {
		return false
	}
	seen := r.beat
	if seen.IsZero() {
		seen = r.Started
	}
	return r.Holder.dead(here, running) || s.Now().Sub(seen) >= 2*s.Stale
}
