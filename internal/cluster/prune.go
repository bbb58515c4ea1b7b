package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// maxRaces is how often a change is tried that somebody else comes before.
const maxRaces = 10

// turn is when an object is deleted.
type turn int

// The turns, in their order. What a workload may have to finalize goes, and is waited
// for, before the workload.
const (
	customTurn    turn = iota // custom resources and what else is none of the below; waited for
	webhookTurn               // admission and aggregation: they may have to let the first ones pass
	crdTurn                   // waited for: all objects of a CRD go with it, others' too
	workloadTurn              // in reverse order of their stages: RBAC and configuration after them
	namespaceTurn             // what is left in them goes, too
)

// turn is when the object is deleted.
func turnOf(r api.Ref) turn {
	switch stageOf(r) {
	case Rest:
		return customTurn
	case Webhooks:
		return webhookTurn
	case Definitions:
		if r.Is("", "Namespace") {
			return namespaceTurn
		}
		return crdTurn
	}
	return workloadTurn
}

// prune deletes what the plan removes, turn by turn. What is no longer the object of
// the plan stops it, with ErrStale: a new plan lists and leaves it. When time is up
// before something is gone that others may have to finalize, these stay, and the
// error is a WaitError.
func (a *applier) prune(ctx context.Context) error {
	if err := a.label(ctx); err != nil {
		return err
	}
	var removed []Entry // sorted by turns
	for _, e := range a.plan.Entries {
		if e.Action == Removed {
			removed = append(removed, e)
		}
	}
	for len(removed) > 0 {
		now := turnOf(removed[0].Ref)
		if now >= workloadTurn {
			if err := a.stopConverting(ctx); err != nil {
				return err
			}
		}
		end := slices.IndexFunc(removed, func(e Entry) bool { return turnOf(e.Ref) != now })
		if end < 0 {
			end = len(removed)
		}
		if err := a.removeAll(ctx, removed[:end]); err != nil {
			return err
		}
		removed, end = removed[end:], 0
		if now == customTurn || now == crdTurn {
			if err := a.goneBefore(ctx, now, removed); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *applier) removeAll(ctx context.Context, entries []Entry) error {
	for _, e := range entries {
		if err := a.remove(ctx, e); err != nil {
			return &api.Error{Text: a.plan.mask.Scrub(fmt.Sprintf("deleting %s: %v", e.Ref, err)), Cause: err}
		}
	}
	return nil
}

// goneBefore waits until what was deleted in a turn is gone, as long as there is
// something behind it.
func (a *applier) goneBefore(ctx context.Context, now turn, behind []Entry) error {
	if len(behind) == 0 {
		return nil
	}
	var these, stay []api.Ref
	for _, ref := range a.plan.Deleted() {
		if turnOf(ref) == now {
			these = append(these, ref)
		}
	}
	err := a.ready.WaitGone(ctx, these, a.clock, a.tell)
	var late *ready.Error
	if errors.As(err, &late) {
		for _, e := range behind {
			stay = append(stay, e.Ref)
		}
		late.Behind = stay
	}
	return err
}

func (a *applier) remove(ctx context.Context, e Entry) error {
	if err := a.may(ctx); err != nil {
		return err
	}
	resource, err := a.Served(ctx, e.Ref)
	if errors.Is(err, api.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = a.stillUnused(ctx, e, resource)
	}
	if err == nil {
		err = a.freed(ctx, e.Ref, func() error {
			return a.unhooked(ctx, e, func() error { return a.delete(ctx, resource, e, metav1.DeletePropagationBackground) })
		})
	}
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress(Event{Ref: e.Ref, Stage: stageOf(e.Ref), Action: Removed})
	return nil
}

// delete deletes the object that was planned for. Its labels are read again, and
// the deletion is bound to what was read: who takes the labels off in between
// keeps the object.
func (a *applier) delete(ctx context.Context, r api.Resource, e Entry, propagation metav1.DeletionPropagation) error {
	item := api.Item{Ref: e.Ref, UID: e.UID}
	for try := 1; ; try++ {
		live, err := a.Get(ctx, r, e.Ref)
		if err != nil || live == nil {
			return err
		}
		if reason := a.plan.Installation.Foreign(item, live); reason != "" {
			return api.Fault(reason, api.ErrConflict, api.ErrStale)
		}
		if object.Text(live, "metadata", "deletionTimestamp") != "" {
			return nil
		}
		err = a.Delete(ctx, r, e.Ref, e.UID, object.Text(live, "metadata", "resourceVersion"), propagation)
		if errors.Is(err, api.ErrNotFound) {
			return nil
		}
		if !errors.Is(err, api.ErrConflict) || try == maxRaces {
			return err
		}
	}
}

// deleteForReplacement deletes an object and waits until it is gone. The pods of
// a StatefulSet stay, and the new one takes them over.
func (a *applier) deleteForReplacement(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.Key()]
	propagation := metav1.DeletePropagationBackground
	if e.Is("apps", "StatefulSet") {
		propagation = metav1.DeletePropagationOrphan
	}
	if err := a.delete(ctx, d.resource, e, propagation); err != nil {
		return fmt.Errorf("deleting it to make it again: %w", err)
	}
	err := a.ready.WaitGone(ctx, []api.Ref{e.Ref}, a.clock, a.tell)
	var late *ready.Error
	if errors.As(err, &late) {
		what := "it was deleted to make it again, but "
		if e.Leaving {
			what = "it is being deleted, and was to be made again: "
		}
		return api.Fault(what+late.Stays[0].Why, api.ErrTimeout)
	}
	return err
}
