package apply

import (
	"context"
	"fmt"
	"maps"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// Run does what the plan says, but for what MakeNamespace has done; see the package
// comment. It stops before its next write when steps.May says so.
func (a *Applier) Run(ctx context.Context, steps Steps) error {
	a.steps = steps
	return a.keepStays(a.run(ctx))
}

// run does all of it in its order.
func (a *Applier) run(ctx context.Context) error {
	if err := a.plan.Err(); err != nil {
		return err
	}
	if err := a.makeNamespace(ctx); err != nil {
		return err
	}
	for stage := plan.Definitions; stage <= plan.Webhooks; stage++ {
		if err := a.stage(ctx, stage); err != nil {
			return err
		}
	}
	if err := applyAggregated(ctx, a); err != nil {
		return err
	}
	if err := prune(ctx, a); err != nil {
		return err
	}
	return giveUpShared(ctx, a)
}

// MakeNamespace makes the namespace that the history lies in, when the plan has it.
func (a *Applier) MakeNamespace(ctx context.Context) error {
	if err := a.plan.Err(); err != nil {
		return err
	}
	if err := a.makeNamespace(ctx); err != nil {
		return err
	}
	for _, e := range a.plan.Entries {
		if e.Action == plan.Added && e.Is("", "Namespace") && e.Name == a.plan.Installation.Namespace {
			if err := a.one(ctx, e); err != nil {
				return err
			}
		}
	}
	a.made = maps.Clone(a.uids)
	return nil
}

// makeNamespace makes the installation's namespace, which is not the
// installation's afterwards: others may live there, too.
func (a *Applier) makeNamespace(ctx context.Context) error {
	if !a.plan.CreateNamespace {
		return nil
	}
	ref := api.Namespaces.RefTo("", a.plan.Installation.Namespace)
	if err := a.may(ctx); err != nil {
		return err
	}
	_, _, err := a.ServerSideApply(ctx, api.Patch{
		Resource: api.Namespaces, Ref: ref, Manager: api.NamespaceManager,
		Value: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": ref.Name}},
	})
	if err != nil {
		return fmt.Errorf("making %s: %w", ref, err)
	}
	return nil
}

// stage applies the objects of a stage. After the first error no other object is
// begun; those under way are finished.
func (a *Applier) stage(ctx context.Context, stage plan.Stage) error {
	var group errgroup.Group
	group.SetLimit(api.Parallel)
	var failed atomic.Bool
	written := false
	for _, e := range a.plan.Entries {
		if e.Stage() != stage || !a.plan.Staged(e) {
			continue
		}
		written = written || e.Action != plan.Unchanged
		group.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := a.one(ctx, e)
			if a.plan.Awaits(e.Ref, err) {
				a.postpone(e)
				return nil
			}
			if err != nil {
				failed.Store(true)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if stage == plan.Definitions && (written || a.plan.Unchecked()) {
		if err := awaitDefinitions(ctx, a); err != nil {
			return err
		}
	}
	if !written {
		return nil
	}
	if err := a.done(ctx); err != nil {
		return err
	}
	return applyPostponed(ctx, a)
}

// postpone notes an object that waits for its converter.
func (a *Applier) postpone(e plan.Entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.late = append(a.late, e)
}
