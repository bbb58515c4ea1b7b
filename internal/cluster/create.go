package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// create applies an object that must not be there. Fields of others are never
// forced. If the object is there after all, it gets back what it had.
func (a *applier) create(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.Key()]
	var after map[string]any
	var created bool
	err := a.patiently(ctx, e, func() (err error) {
		after, created, err = a.ServerSideApply(ctx, a.patchOf(d, ""))
		return err
	})
	if len(api.FieldConflicts(err)) > 0 {
		return &api.Error{Classes: []error{api.ErrConflict, api.ErrStale}, Text: "somebody made it since the plan: " + err.Error(), Cause: err}
	}
	if err != nil {
		return err
	}
	uid := object.Text(after, "metadata", "uid")
	if created {
		a.keepUID(e.Key(), uid)
		return nil
	}
	if err := a.giveUp(ctx, d, uid); err != nil {
		return fmt.Errorf("giving up fields of an object that somebody made since the plan: %w", err)
	}
	return api.Fault("somebody made it since the plan; its fields are given up again", api.ErrConflict, api.ErrStale)
}

// giveUp applies nothing, so that the fields that are only ours go.
func (a *applier) giveUp(ctx context.Context, d *desired, uid string) error {
	meta := map[string]any{"name": d.ref.Name}
	if d.ref.Namespace != "" {
		meta["namespace"] = d.ref.Namespace
	}
	_, _, err := a.ServerSideApply(ctx, api.Patch{
		Resource: d.resource, Ref: d.ref, Manager: a.plan.Installation.Manager(), UID: uid,
		Value: map[string]any{"apiVersion": d.ref.APIVersion, "kind": d.ref.Kind, "metadata": meta},
	})
	return err
}

// patiently repeats do for an object whose kind or namespace is so new that not
// all of the server knows it yet, or whose webhook has to come up first.
func (a *applier) patiently(ctx context.Context, e Entry, do func() error) error {
	return api.Polling(20*time.Millisecond, time.Second).Until(ctx, true, true, func(context.Context) (bool, error) {
		err := do()
		young := errors.Is(err, api.ErrNotFound) || (errors.Is(err, api.ErrForbidden) && e.Is("", "Pod")) || (e.guarded && api.Unanswered(err))
		if !e.Offline || !young || a.clock.Expired() {
			return true, err
		}
		return false, nil
	})
}

func (a *applier) keepUID(key, uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uids[key] = uid
}
