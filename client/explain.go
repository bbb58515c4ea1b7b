package client

import (
	"context"
	"errors"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// maxExplained is how many objects are explained, so that it is one screen.
const maxExplained = 5

// explain finds out more about the first objects that are not ready. No text
// shows a value that mask hides.
func (s *Status) explain(ctx context.Context, k *api.Client, mask *api.Mask) {
	left := maxExplained
	for i := range s.Objects {
		o := &s.Objects[i]
		o.Why, o.Note = mask.Scrub(o.Why), mask.Scrub(o.Note)
		if o.Ready || o.gone || left == 0 {
			continue
		}
		left--
		if b, err := ready.Explain(ctx, k, o.Ref); err == nil {
			b = scrubbed(b, mask.Scrub)
			o.Blocked = &b
		}
	}
}

// scrubbed is a copy of b after scrub has seen each text.
func scrubbed(b ready.Blocked, scrub func(string) string) ready.Blocked {
	b.Why, b.Events, b.Containers = scrub(b.Why), each(b.Events, scrub), slices.Clone(b.Containers)
	for i := range b.Containers {
		c := &b.Containers[i]
		c.State, c.Log = scrub(c.State), each(c.Log, scrub)
	}
	return b
}

// each is a copy of texts after scrub has seen each.
func each(texts []string, scrub func(string) string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = scrub(out[i])
	}
	return out
}

// Explain says why objects did not become ready, as far as it can be known.
func (a *Applied) Explain(ctx context.Context, err error) []ready.Blocked {
	var late *ready.Error
	if !errors.As(err, &late) {
		return nil
	}
	s := a.planned.source
	var all []ready.Blocked
	for _, w := range append(slices.Clip(late.Failed), late.Waiting...) {
		if len(all) == maxExplained {
			break
		}
		b, err := ready.Explain(ctx, s.cluster, w.Ref)
		if err != nil || b.Why == "" {
			b = ready.Blocked{Ref: w.Ref, Why: w.Why}
		}
		all = append(all, scrubbed(b, a.planned.Plan.Scrub))
	}
	s.options.Journal.explained(all)
	return all
}
