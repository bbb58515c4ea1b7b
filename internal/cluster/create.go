package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// create applies an object that must not be there. Fields of others are never
// forced. If the object is there after all, it gets back what it had.
func (a *applier) create(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.key()]
	var after map[string]any
	var created bool
	err := a.patiently(ctx, e, func() (err error) {
		after, created, err = a.serverSideApply(ctx, a.patchOf(d, ""))
		return err
	})
	if len(fieldConflicts(err)) > 0 {
		return &Error{Classes: []error{ErrConflict, ErrStale}, Text: "somebody made it since the plan: " + err.Error(), Cause: err}
	}
	if err != nil {
		return err
	}
	uid := text(after, "metadata", "uid")
	if created {
		a.keepUID(e.key(), uid)
		return nil
	}
	if err := a.giveUp(ctx, d, uid); err != nil {
		return fmt.Errorf("giving up fields of an object that somebody made since the plan: %w", err)
	}
	return fault("somebody made it since the plan; its fields are given up again", ErrConflict, ErrStale)
}

// giveUp applies nothing, so that the fields that are only ours go.
func (a *applier) giveUp(ctx context.Context, d *desired, uid string) error {
	meta := map[string]any{"name": d.ref.Name}
	if d.ref.Namespace != "" {
		meta["namespace"] = d.ref.Namespace
	}
	_, _, err := a.serverSideApply(ctx, patch{
		resource: d.resource, ref: d.ref, manager: a.plan.Installation.Manager(), uid: uid,
		value: map[string]any{"apiVersion": d.ref.APIVersion, "kind": d.ref.Kind, "metadata": meta},
	})
	return err
}

// patiently repeats do for an object whose kind or namespace is so new that not
// all of the server knows it yet, or whose webhook has to come up first.
func (a *applier) patiently(ctx context.Context, e Entry, do func() error) error {
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := do()
		young := errors.Is(err, ErrNotFound) || (errors.Is(err, ErrForbidden) && e.is("", "Pod")) || (e.guarded && unanswered(err))
		if !e.Offline || !young || a.clock.up() {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (a *applier) keepUID(key, uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uids[key] = uid
}
