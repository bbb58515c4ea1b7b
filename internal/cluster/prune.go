package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// prune deletes, last stage first, what the plan removes. What is no longer the
// object of the plan stops it, with ErrStale: a new plan lists and leaves it.
func (a *applier) prune(ctx context.Context) error {
	if err := a.label(ctx); err != nil {
		return err
	}
	var custom []Ref
	for _, e := range a.plan.Entries { // sorted: last stage first
		if e.Action != Removed {
			continue
		}
		if e.Stage() < Rest {
			if err := a.finalized(ctx, custom); err != nil {
				return err
			}
			custom = nil
		}
		if err := a.remove(ctx, e); err != nil {
			return &Error{Text: a.plan.mask.Scrub(fmt.Sprintf("deleting %s: %v", e.Ref, err)), Cause: err}
		}
		if e.Stage() == Rest {
			custom = append(custom, e.Ref)
		}
	}
	return nil
}

// finalized waits for custom objects to go, for a while, before the workloads
// go: those may be the operators that have to finalize them.
func (a *applier) finalized(ctx context.Context, custom []Ref) error {
	err := a.WaitGone(ctx, custom, a.pace.grace)
	if errors.Is(err, ErrTimeout) {
		return nil // who waits for the whole says so
	}
	return err
}

func (a *applier) remove(ctx context.Context, e Entry) error {
	if err := a.may(ctx); err != nil {
		return err
	}
	resource, err := a.served(ctx, e.Ref)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		err = a.unhooked(ctx, func() error { return a.delete(ctx, resource, e, "Background") })
	}
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress(Event{Ref: e.Ref, Stage: e.Stage(), Action: Removed})
	return nil
}

// delete deletes the object that was planned for. Its labels are read again, and
// the deletion is bound to what was read: who takes the labels off in between
// keeps the object.
func (a *applier) delete(ctx context.Context, r Resource, e Entry, propagation string) error {
	item := Item{Ref: e.Ref, UID: e.UID}
	for try := 1; ; try++ {
		live, err := a.get(ctx, r, e.Ref)
		if err != nil || live == nil {
			return err
		}
		if reason := foreign(a.plan.Installation, item, live); reason != "" {
			return fault(reason, ErrConflict, ErrStale)
		}
		if text(live, "metadata", "deletionTimestamp") != "" {
			return nil
		}
		_, err = a.do(ctx, request{method: http.MethodDelete, path: r.path(e.Namespace, e.Name), body: map[string]any{
			"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation,
			"preconditions": map[string]any{"uid": e.UID, "resourceVersion": text(live, "metadata", "resourceVersion")},
		}})
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if !errors.Is(err, ErrConflict) || try == 2*maxTries {
			return err
		}
	}
}

// deleteForReplacement deletes an object and waits until it is gone. The pods of
// a StatefulSet stay, and the new one takes them over.
func (a *applier) deleteForReplacement(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.key()]
	propagation := "Background"
	if e.is("apps", "StatefulSet") {
		propagation = "Orphan"
	}
	if err := a.delete(ctx, d.resource, e, propagation); err != nil {
		return fmt.Errorf("deleting it to make it again: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, a.pace.crd)
	defer cancel()
	for {
		live, err := a.get(ctx, d.resource, e.Ref)
		if err != nil {
			return err
		}
		if live == nil {
			return nil
		}
		if sleep(ctx, 100*time.Millisecond) != nil {
			return fault("it was deleted to make it again, but is still there"+whyStays(live), ErrTimeout)
		}
	}
}
