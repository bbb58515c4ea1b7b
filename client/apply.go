package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// Wait says whether to wait for what was done to take effect, and how long.
type Wait struct {
	Wanted  bool
	Timeout time.Duration
}

// Applying is whom to tell what happens. The zero value tells nobody.
type Applying struct {
	Event   func(cluster.Event)
	Waiting func(cluster.Waiting)
}

// Apply does what was planned and remembers it. With wait it waits until all
// objects are ready. When there is nothing to do, it only waits.
func (in *Installing) Apply(ctx context.Context, wait Wait, tell Applying) (err error) {
	if in.merging != nil {
		if err := in.client.Copies().CommitMerge(ctx, in.merging); err != nil {
			return err
		}
	}
	j := in.how.Journal
	tell = j.listen(tell)
	defer func() { j.finished(err) }()
	if r := in.Idle(); r != nil {
		j.begins(r.Number)
		if !wait.Wanted {
			return nil
		}
		if err := in.cluster.WaitFor(ctx, in.plan, wait.Timeout, tell.Waiting); err != nil {
			return in.overtaken(ctx, err)
		}
		return nil
	}
	if err := in.compareRecorded(ctx); err != nil {
		return err
	}
	s, err := in.cluster.Begin(ctx, in.plan, in.next, in.how.Holder)
	if err != nil {
		return err
	}
	in.began = true
	j.begins(s.Revision())
	s.Patience(wait.Timeout, tell.Waiting)
	outcome := s.Apply(ctx, tell.Event)
	if wait.Wanted && (outcome == nil || onlyStays(outcome)) {
		outcome = s.Wait(ctx)
	}
	return finish(ctx, s, outcome)
}

// onlyStays reports whether nothing is amiss but what was to be deleted, and stays.
func onlyStays(err error) bool {
	var late *cluster.WaitError
	return errors.As(err, &late) && late.OnlyStays()
}

// overtaken is err, or, where somebody else has begun since the plan, that: what was
// looked at is changing, and says nothing.
func (in *Installing) overtaken(ctx context.Context, err error) error {
	revisions, reading := in.cluster.History(ctx, in.ID)
	if reading != nil || len(revisions) > 0 && revisions[0].Number == in.plan.Base {
		return err
	}
	return &cluster.Error{
		Classes: []error{cluster.ErrConflict, cluster.ErrStale}, Text: fmt.Sprintf("somebody else has begun to change %s since the plan", in.ID), Cause: err,
	}
}

// finish ends a session; the outcome weighs more than trouble with its record.
func finish(ctx context.Context, s *cluster.Session, outcome error) error {
	err := s.Finish(ctx, outcome)
	switch {
	case outcome == nil:
		return err
	case err != nil:
		return fmt.Errorf("%w; and its record could not be written: %w", outcome, err)
	}
	return outcome
}

// Explain says why objects did not become ready, as far as it can be known.
func (in *Installing) Explain(ctx context.Context, err error) []cluster.Blocked {
	var late *cluster.WaitError
	if !errors.As(err, &late) {
		return nil
	}
	var all []cluster.Blocked
	for _, w := range append(late.Failed[:len(late.Failed):len(late.Failed)], late.Waiting...) {
		if len(all) == maxExplained {
			break
		}
		b, err := in.cluster.Explain(ctx, w.Ref)
		if err != nil || b.Why == "" {
			b = cluster.Blocked{Ref: w.Ref, Why: w.Why}
		}
		all = append(all, scrubbed(b, in.plan.Scrub))
	}
	in.how.Journal.explained(all)
	return all
}

// record is what the cluster is to remember.
func (in *Installing) record() (cluster.Record, error) {
	if in.back != nil {
		return in.back.again(in), nil
	}
	own, err := encodeOverrides(in.own)
	if err != nil {
		return cluster.Record{}, err
	}
	r := cluster.Record{
		Schema: cluster.Schema, Action: string(in.action), Version: in.taken.Kube.Version.Original(), Dependencies: in.needs().Needs,
		Salt: in.salt(), Overrides: own,
		HookDigest: string(in.hook.digest), HookValues: string(in.hook.values), HookFiles: in.hook.files(),
		Derived: in.made.places,
	}
	switch {
	case in.taken.Release != nil:
		in.vouched(&r)
	case in.taken.Copy != nil:
		o := in.taken.Copy.Origin
		r.Repository, r.Digest, r.Edited = o.Repository, string(o.Archive), len(in.taken.Copy.Edited) > 0
		if !r.Edited {
			r.Signer = o.Signer
		}
	}
	return r, nil
}

// vouched notes who answers for the release that was taken.
func (in *Installing) vouched(r *cluster.Record) {
	standing := in.client.standing(in.taken.Release.Repository)
	r.Repository, r.Digest, r.Signer = standing.Name, string(in.taken.Release.SHA256), in.taken.Release.Signer
	if standing.Pin != nil {
		r.Pin = standing.Pin.String()
	}
}
