package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// requestFor asks for a plan for an installation, by what is recorded of it.
func requestFor(k *api.Client, id api.Installation, state history.State) plan.Request {
	past := plan.Past{Newest: state.Newest(), Inventory: state.Inventory, Digests: state.Sealed()}
	for _, r := range state.Revisions {
		if r.Status == history.Installed {
			past.Installed = append(past.Installed, r.Number)
		}
	}
	if state.Current != nil {
		past.Made, past.Manifests = state.Current.Inventory, state.Current.Manifests
	}
	return plan.Request{Installation: id, Past: past, Others: history.NewStore(k).Installations}
}

// operation is a plan that is applied, and recorded as a revision: the next one, which
// nobody else may make meanwhile.
type operation struct {
	plan    *plan.Plan
	applier *apply.Applier
	lock    *history.Lock
}

// begin makes the namespace that the revision lies in, where the plan has it, and the
// revision. wait bounds all that is waited for from then on.
func begin(ctx context.Context, k *api.Client, p *plan.Plan, r history.Record, holder history.Holder, wait Wait) (*operation, error) {
	a := apply.New(ready.NewWaiter(k), p)
	a.Patience(wait.Timeout, wait.Waiting)
	a.PatienceWithFinalizers(wait.held)
	if err := a.MakeNamespace(ctx); err != nil {
		return nil, err
	}
	var err error
	if r.Manifests, err = p.Manifests(); err != nil {
		return nil, fmt.Errorf("writing the record of %s: %w", p.Installation, err)
	}
	r.Inventory, r.Digests = p.Items(nil), p.Digests()
	store := history.NewStore(k)
	lock, err := store.Begin(ctx, p.Installation, p.Base, r, holder)
	if api.Unanswered(err) {
		gone, fault := a.Unguard(ctx, err)
		if fault != nil {
			return nil, fmt.Errorf("%w; and that webhook could not be removed: %w", err, fault)
		}
		if gone {
			lock, err = store.BeginUnguarded(ctx, p.Installation, p.Base, r, holder)
		}
	}
	return &operation{p, a, lock}, err
}

// apply does what the plan says, as long as nobody takes the work over.
func (o *operation) apply(ctx context.Context, event func(apply.Event)) error {
	return o.applier.Run(ctx, apply.Steps{May: o.lock.May, Done: o.lock.Save, Tell: event})
}

// lastAnswer bounds how long the cluster is asked what there is now when ctx is done.
const lastAnswer = 30 * time.Second

// finish ends the operation: with nil the revision is installed, or, after an uninstall,
// all revisions are deleted; with an error it has failed, unless all that was applied is
// ready and only something that was to be deleted stays. The outcome weighs more than
// trouble with the record.
func (o *operation) finish(ctx context.Context, outcome error) error {
	err := o.end(ctx, outcome)
	switch {
	case outcome == nil:
		return err
	case err != nil:
		return fmt.Errorf("%w; and its record could not be written: %w", outcome, err)
	}
	return outcome
}

func (o *operation) end(ctx context.Context, outcome error) error {
	if outcome == nil && o.plan.Uninstall() {
		return o.lock.Forget(ctx)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnswer)
	defer cancel()
	made, installed := o.applier.Outcome(last, outcome)
	if installed {
		return o.lock.Finish(ctx, made, history.Installed)
	}
	return o.lock.Finish(ctx, made, history.Failed)
}

// onlyStays reports whether an error says that all that was applied is ready, and nothing
// is amiss but what was to be deleted, and stays.
func onlyStays(err error) bool {
	var late *ready.Error
	return errors.As(err, &late) && late.OnlyStays()
}
