package apply

import (
	"context"
	"errors"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Wait waits until all that was applied is ready, as [ready.Waiter.Wait] does, and what was
// deleted is gone. It asks the server for less: what has no status is ready since it
// was applied, and of what was just given to a controller a watch tells sooner.
func (a *Applier) Wait(ctx context.Context) error {
	progress := a.waiting
	if progress == nil {
		progress = func(ready.Waiting) {}
	}
	var open, first []api.Ref
	for _, e := range a.plan.Entries {
		switch {
		case !e.Applies() || e.Ended:
			continue
		case a.plan.Inert(e):
			progress(ready.Waiting{Ref: e.Ref})
			continue
		case e.Action == plan.Unchanged || e.Stage() != plan.Workloads:
			first = append(first, e.Ref)
		}
		open = append(open, e.Ref)
	}
	err := a.ready.WaitApplied(ctx, open, first, a.clock.Remaining(), progress)
	var late *ready.Error
	if err != nil && !errors.As(err, &late) {
		return err
	}
	if len(a.stays) > 0 { // time was up before
		return late.WithStays(a.stays, a.behind)
	}
	var stays *ready.Error
	if gone := a.Gone(ctx); gone != nil && !errors.As(gone, &stays) {
		return errors.Join(err, gone)
	}
	if stays == nil {
		return err
	}
	return late.WithStays(stays.Stays, nil)
}

// Gone waits until all that was deleted is gone. What stays is in a ready.Error, and in
// what the Applier knows.
func (a *Applier) Gone(ctx context.Context) error {
	a.waited = true
	return a.keepStays(a.ready.WaitGone(ctx, a.plan.Deleted(), a.clock, a.waiting))
}

// WaitUnchanged waits until all that the plan leaves is ready and all that it deletes is
// gone, where nothing had to be written for it.
func (a *Applier) WaitUnchanged(ctx context.Context) error {
	err := a.ready.Wait(ctx, a.plan.Applied(), a.clock.Remaining(), a.waiting)
	var late, stays *ready.Error
	if err != nil && !errors.As(err, &late) {
		return err
	}
	gone := a.Gone(ctx)
	switch {
	case gone == nil:
		return err
	case errors.As(gone, &stays):
		return late.WithStays(stays.Stays, nil)
	}
	return errors.Join(err, gone)
}

// Outcome is what to record when the work has ended, with an error or without: what the
// installation has, and whether the plan counts as carried out. It does when all that
// was applied is ready, and only something that was to be deleted stays.
func (a *Applier) Outcome(ctx context.Context, err error) (made []api.Item, installed bool) {
	var late *ready.Error
	if err != nil && (a.plan.Uninstall() || !errors.As(err, &late) || !late.OnlyStays()) {
		return a.items(), false
	}
	if err == nil && !a.waited && len(a.plan.Deleted()) > 0 { // something may stay
		if stays, err := ready.Remaining(ctx, a.Client, a.plan.Deleted()); err == nil {
			a.stays = stays
		}
	}
	gone := append(a.plan.Deleted(), a.plan.With(plan.GivenUp)...)
	return slices.DeleteFunc(a.items(), func(i api.Item) bool {
		return i.Why == "" && slices.Contains(gone, i.Ref) && !slices.Contains(a.behind, i.Ref)
	}), true
}
