package ready

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// WaitGone waits by a clock until the objects are gone, and asks once at least. What
// remains when time runs out is in an Error, with what holds it. progress gets what
// stays, and why, when that changes after the first answer; it may be nil.
func (w *Waiter) WaitGone(ctx context.Context, objects []api.Ref, by *Clock, progress func(Waiting)) error {
	if len(objects) == 0 {
		return nil
	}
	limited, cancel := by.Context(ctx)
	defer cancel()
	told := map[api.Ref]string{}
	stays, _, err := remaining(ctx, w.Client, objects)
	if err == nil && len(stays) > 0 {
		err = api.Polling(w.Poll, 8*w.Poll).Until(limited, false, true, func(ctx context.Context) (bool, error) {
			now, held, err := remaining(ctx, w.Client, refsOf(stays))
			if err == nil {
				reportRemaining(stays, now, told, progress)
				stays = now
			}
			return len(stays) == 0 || held && by.heldOut(), err
		})
	}
	switch {
	case ctx.Err() != nil || err == nil && len(stays) == 0:
		return err
	case err == nil || limited.Err() != nil && len(stays) > 0: // what was seen before is the last that is known
		return &Error{Stays: stays, Timeout: true}
	}
	return fmt.Errorf("waiting for deletions: %w", err)
}

// reportRemaining tells of what still stays and of what has gone meanwhile.
func reportRemaining(before, now []Waiting, told map[api.Ref]string, progress func(Waiting)) {
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

// Remaining are those of objects that are still there, with what holds them.
func Remaining(ctx context.Context, c *api.Client, objects []api.Ref) ([]Waiting, error) {
	all, _, err := remaining(ctx, c, objects)
	return all, err
}

// remaining is Remaining, and tells whether nothing but finalizers hold each of them.
func remaining(ctx context.Context, c *api.Client, objects []api.Ref) (all []Waiting, held bool, err error) {
	held = true
	for _, ref := range objects {
		live, err := c.Find(ctx, ref)
		if errors.Is(err, api.ErrNotFound) { // its kind is gone
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if live != nil {
			held = held && len(object.Texts(live, "metadata", "finalizers")) > 0 && object.Text(live, "metadata", "deletionTimestamp") != ""
			all = append(all, Waiting{Ref: ref, Why: "it is still there" + Held(live) + heldInstance(ctx, c, ref, live)})
		}
	}
	return all, held, nil
}

func refsOf(waiting []Waiting) []api.Ref {
	var refs []api.Ref
	for _, w := range waiting {
		refs = append(refs, w.Ref)
	}
	return refs
}
