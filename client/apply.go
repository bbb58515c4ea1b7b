package client

import (
	"context"

	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Applied is what was done, or as much of it as was. It is made by [Planned.Apply], and
// is the last link of the chain.
type Applied struct {
	planned *Planned
	begun   bool // something may have been changed
	asLive  bool // before anything was done, the manifests of the record were those that are live
}

// Apply does what was planned and records it. With wait it waits until all objects are
// ready. When there is nothing to do, it only waits. What it gives is never nil.
func (p *Planned) Apply(ctx context.Context, wait Wait) (a *Applied, err error) {
	a = &Applied{planned: p}
	s := p.source
	if s.merging != nil {
		if err := s.client.Copies().CommitMerge(ctx, s.merging); err != nil {
			return a, err
		}
	}
	j := s.options.Journal
	var event func(apply.Event)
	event, wait.Waiting = j.listen(wait.Waiting)
	defer func() { j.finished(err) }()
	if r := p.Idle(); r != nil {
		j.begins(r.Number)
		if !wait.Wanted {
			return a, nil
		}
		applier := apply.New(ready.NewWaiter(s.cluster), p.Plan)
		applier.Patience(wait.Timeout, wait.Waiting)
		if err := applier.WaitUnchanged(ctx); err != nil {
			return a, s.changedSince(ctx, p.Plan.Base, err)
		}
		return a, nil
	}
	if a.asLive, err = p.recordIsLive(ctx); err != nil {
		return a, err
	}
	o, err := begin(ctx, s.cluster, p.Plan, p.next, s.options.Holder, wait)
	if err != nil {
		return a, err
	}
	a.begun = true
	j.begins(o.lock.Number())
	outcome := o.apply(ctx, event)
	if wait.Wanted && (outcome == nil || onlyStays(outcome)) {
		outcome = o.applier.Wait(ctx)
	}
	return a, o.finish(ctx, outcome)
}

// Idle gives the revision that is installed already when Apply has nothing to do:
// the plan changes nothing, and the cluster would record the same. Otherwise it is nil.
func (p *Planned) Idle() *history.Revision {
	s := p.source
	if !p.Plan.Idle() || !s.alike(p.next) || s.state.Revisions[0].Status != history.Installed {
		return nil
	}
	return s.state.Installed()
}

// OnlyStays reports whether an error of Apply says that all that was applied is ready,
// and nothing is amiss but what was to be deleted, and stays: an Undo mends nothing.
func (a *Applied) OnlyStays(err error) bool { return onlyStays(err) }
