package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// WaitGone waits until the objects are gone. What remains when time runs out is
// in a WaitError, with what holds it.
func (c *Cluster) WaitGone(ctx context.Context, objects []api.Ref, timeout time.Duration) error {
	return c.waitGone(ctx, objects, &clock{limit: timeout}, nil)
}

// waitGone waits by a clock, and looks once at least. progress gets what stays, and
// why, when that changes after the first look; it may be nil.
func (c *Cluster) waitGone(ctx context.Context, objects []api.Ref, by *clock, progress func(Waiting)) error {
	if len(objects) == 0 {
		return nil
	}
	limited, cancel := by.within(ctx)
	defer cancel()
	told := map[api.Ref]string{}
	stays, err := c.remaining(ctx, objects)
	if err == nil && len(stays) > 0 {
		err = api.Polling(c.pace.poll, 8*c.pace.poll).Until(limited, false, true, func(ctx context.Context) (bool, error) {
			left, err := c.remaining(ctx, refsOf(stays))
			if err == nil {
				tellStays(stays, left, told, progress)
				stays = left
			}
			return len(stays) == 0, err
		})
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case limited.Err() != nil && len(stays) > 0: // what was seen before is the last that is known
		return &WaitError{Stays: stays, class: api.ErrTimeout}
	}
	return fmt.Errorf("waiting for deletions: %w", err)
}

// tellStays tells of what still stays and of what has gone meanwhile.
func tellStays(before, now []Waiting, told map[api.Ref]string, progress func(Waiting)) {
	if progress == nil {
		return
	}
	there := map[api.Ref]bool{}
	for _, w := range now {
		there[w.Ref] = true
		if told[w.Ref] != w.Why {
			told[w.Ref] = w.Why
			progress(w)
		}
	}
	for _, w := range before {
		if !there[w.Ref] && told[w.Ref] != "" {
			progress(Waiting{Ref: w.Ref})
		}
	}
}

func (c *Cluster) remaining(ctx context.Context, objects []api.Ref) ([]Waiting, error) {
	var left []Waiting
	for _, ref := range objects {
		live, err := c.Find(ctx, ref)
		if errors.Is(err, api.ErrNotFound) { // its kind is gone
			continue
		}
		if err != nil {
			return nil, err
		}
		if live != nil {
			left = append(left, Waiting{Ref: ref, Why: "it is still there" + whyStays(live) + c.holders(ctx, ref, live)})
		}
	}
	return left, nil
}

func refsOf(waiting []Waiting) []api.Ref {
	var refs []api.Ref
	for _, w := range waiting {
		refs = append(refs, w.Ref)
	}
	return refs
}

// WaitFor waits until all that a plan leaves is ready and all that it deletes is gone,
// where nothing had to be written for it.
func (c *Cluster) WaitFor(ctx context.Context, p *Plan, timeout time.Duration, progress func(Waiting)) error {
	by := &clock{limit: timeout}
	err := c.Wait(ctx, p.Applied(), by.left(), progress)
	var late, stays *WaitError
	if err != nil && !errors.As(err, &late) {
		return err
	}
	gone := c.waitGone(ctx, p.Deleted(), by, progress)
	switch {
	case gone == nil:
		return err
	case errors.As(gone, &stays):
		return andStays(late, stays.Stays, nil)
	}
	return errors.Join(err, gone)
}
