package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// prune deletes what the plan removes, turn by turn. What is no longer the object of
// the plan stops it, with ErrStale: a new plan lists and leaves it. When time is up
// before something is gone that others may have to finalize, these stay, and the
// error is a WaitError.
func prune(ctx context.Context, a *Applier) error {
	if err := markClaims(ctx, a); err != nil {
		return err
	}
	var removed []plan.Entry // sorted by turns
	for _, e := range a.plan.Entries {
		if e.Action == plan.Removed {
			removed = append(removed, e)
		}
	}
	for len(removed) > 0 {
		now := removed[0].Turn()
		if now >= plan.WorkloadTurn {
			if err := stopConverting(ctx, a); err != nil {
				return err
			}
		}
		end := slices.IndexFunc(removed, func(e plan.Entry) bool { return e.Turn() != now })
		if end < 0 {
			end = len(removed)
		}
		if err := removeAll(ctx, a, removed[:end]); err != nil {
			return err
		}
		removed, end = removed[end:], 0
		if now == plan.CustomTurn || now == plan.CRDTurn {
			if err := awaitGone(ctx, a, now, removed); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeAll(ctx context.Context, a *Applier, entries []plan.Entry) error {
	for _, e := range entries {
		if err := remove(ctx, a, e); err != nil {
			return &api.Error{Text: a.plan.Scrub(fmt.Sprintf("deleting %s: %v", e.Ref, err)), Cause: err}
		}
	}
	return nil
}

// awaitGone waits until what was deleted in a turn is gone, as long as there is
// something behind it.
func awaitGone(ctx context.Context, a *Applier, now plan.Turn, behind []plan.Entry) error {
	if len(behind) == 0 {
		return nil
	}
	var these, stay []api.Ref
	for _, e := range a.plan.Entries {
		if e.Action == plan.Removed && e.Turn() == now {
			these = append(these, e.Ref)
		}
	}
	err := a.ready.WaitGone(ctx, these, a.clock, a.tell)
	if late, ok := errors.AsType[*ready.Error](err); ok {
		for _, e := range behind {
			stay = append(stay, e.Ref)
		}
		late.Behind = stay
	}
	return err
}

func remove(ctx context.Context, a *Applier, e plan.Entry) error {
	if err := a.may(ctx); err != nil {
		return err
	}
	resource, err := a.Served(ctx, e.Ref)
	if errors.Is(err, api.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = stillUnused(ctx, a, e, resource)
	}
	if err == nil {
		err = retryConverted(ctx, a, e.Ref, func() error {
			return retryAnswered(ctx, a, e, func() error { return deleteObject(ctx, a, resource, e, metav1.DeletePropagationBackground) })
		})
	}
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report(Event{Ref: e.Ref, Stage: e.Stage(), Action: plan.Removed})
	return nil
}

// stillUnused makes sure of an object that goes because nobody uses it.
func stillUnused(ctx context.Context, a *Applier, e plan.Entry, r api.Resource) error {
	if !e.Unused {
		return nil
	}
	live, err := a.Get(ctx, r, e.Ref)
	if err != nil || live == nil {
		return err
	}
	unused, err := plan.Unused(ctx, a.Client, a.plan.Installation, e.Ref, live)
	if err == nil && !unused {
		return api.Fault("somebody uses it since the plan", api.ErrConflict, api.ErrStale)
	}
	return err
}

// giveUpShared gives up what the plan says of Namespaces that stay.
func giveUpShared(ctx context.Context, a *Applier) error {
	for _, e := range a.plan.Entries {
		if e.Action != plan.GivenUp {
			continue
		}
		r, err := a.Served(ctx, e.Ref)
		if err == nil {
			err = a.may(ctx)
		}
		if err == nil {
			err = a.giveUp(ctx, r, e.Ref, e.UID)
		}
		if err != nil && !changedSince(err) { // another Namespace has nothing of ours
			return fmt.Errorf("giving up what was set of %s: %w", e.Ref, err)
		}
		a.mu.Lock()
		a.report(Event{Ref: e.Ref, Stage: e.Stage(), Action: plan.GivenUp})
		a.mu.Unlock()
	}
	return nil
}

// retryAnswered repeats a deletion that a webhook stands in the way of, if the plan
// deletes webhooks. Their turn is after custom resources, whose operators may need
// them; but one that does not answer is no use to anybody, and goes at once. The
// server asks them for a moment longer than they are there.
func retryAnswered(ctx context.Context, a *Applier, e plan.Entry, del func() error) error {
	return api.Polling(20*time.Millisecond, time.Second).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		err := del()
		hooks := removedWebhooks(a.plan)
		if !api.Unanswered(err) || len(hooks) == 0 || a.clock.Expired() {
			return true, err
		}
		if e.Turn() == plan.CustomTurn && !a.unguarded {
			a.unguarded = true
			return false, removeAll(ctx, a, hooks)
		}
		return false, nil
	})
}

// removedWebhooks are those that the plan deletes.
func removedWebhooks(p *plan.Plan) []plan.Entry {
	var found []plan.Entry
	for _, e := range p.Entries {
		if e.Action == plan.Removed && e.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration") {
			found = append(found, e)
		}
	}
	return found
}
