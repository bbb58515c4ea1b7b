package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// WaitGone waits until the objects are gone. What remains when time runs out is
// in a WaitError, with what holds it.
func (c *Cluster) WaitGone(ctx context.Context, objects []Ref, timeout time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	remain := objects
	var why []Waiting
	for pause := c.pace.poll; ; pause = min(pause*3/2, 8*c.pace.poll) {
		left, err := c.remaining(limited, remain)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && limited.Err() == nil:
			return fmt.Errorf("waiting for deletions: %w", err)
		case err == nil && len(left) == 0:
			return nil
		case err == nil:
			why, remain = left, refsOf(left)
		}
		if sleep(limited, pause) != nil && ctx.Err() == nil {
			return &WaitError{Waiting: why, class: ErrTimeout, leaving: true}
		}
	}
}

func (c *Cluster) remaining(ctx context.Context, objects []Ref) ([]Waiting, error) {
	var left []Waiting
	for _, ref := range objects {
		r, err := c.served(ctx, ref)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		live, err := c.get(ctx, r, ref)
		if err != nil {
			return nil, err
		}
		if live != nil {
			left = append(left, Waiting{Ref: ref, Why: "it is still there" + whyStays(live)})
		}
	}
	return left, nil
}

func refsOf(waiting []Waiting) []Ref {
	var refs []Ref
	for _, w := range waiting {
		refs = append(refs, w.Ref)
	}
	return refs
}
