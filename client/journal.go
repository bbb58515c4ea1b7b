package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Journal follows one operation from its start, and makes a Report of it. A nil
// one follows nothing.
type Journal struct {
	now      func() time.Time
	cluster  *api.Client
	plan     *plan.Plan
	report   Report
	started  time.Time
	applying time.Time // zero: nothing was applied
	last     time.Time // when something was applied
	done     map[api.Ref]apply.Event
	ready    map[api.Ref]time.Time
	earlier  []*Journal // of what is installed with it, and before it
	complete bool
}

func newJournal(c *Client, command, kube string) *Journal {
	return &Journal{
		now: c.Now, started: c.Now(), done: map[api.Ref]apply.Event{}, ready: map[api.Ref]time.Time{},
		report: Report{Schema: reportSchema, Command: command, Kube: kube},
	}
}

// before lets other be the journal of what is installed before, and gives it; nil
// for a nil j.
func (j *Journal) before(other *Journal) *Journal {
	if j == nil {
		return nil
	}
	j.earlier = append(j.earlier, other)
	return other
}

// planned notes what is going to be done, and of what.
func (j *Journal) planned(k *api.Client, p *plan.Plan, before *history.Revision, next history.Record, verified bool) {
	if j == nil {
		return
	}
	j.cluster, j.plan = k, p
	r := &j.report
	r.Installation = &p.Installation
	r.Version, r.Repository, r.Digest, r.Signer, r.Edited, r.Verified = next.Version, next.Repository, next.Digest, next.Signer, next.Edited, verified
	if before != nil {
		r.From = before.Version
	}
	r.Warnings = p.Warnings
	r.Seconds.Plan = seconds(j.now().Sub(j.started))
}

// begins notes that the plan is applied now, as a revision.
func (j *Journal) begins(revision int) {
	if j == nil {
		return
	}
	j.report.Revision = revision
	j.applying = j.now()
	j.last = j.applying
}

// listen gives what has to be told of events and of what is waited for, so that the
// journal hears it, and waiting too, which may be nil.
func (j *Journal) listen(waiting func(ready.Waiting)) (func(apply.Event), func(ready.Waiting)) {
	if j == nil {
		return nil, waiting
	}
	event := func(e apply.Event) { j.done[e.Ref], j.last = e, j.now() }
	return event, func(w ready.Waiting) {
		delete(j.ready, w.Ref)
		if w.Why == "" {
			j.ready[w.Ref] = j.now()
		}
		if waiting != nil {
			waiting(w)
		}
	}
}

// finished notes that nothing is applied or waited for any more, and how it went.
func (j *Journal) finished(err error) {
	if j != nil && !j.applying.IsZero() {
		j.complete = err == nil
		if late, ok := errors.AsType[*ready.Error](err); ok {
			j.report.Remains = late.Stays
		}
		j.report.Seconds.Apply = seconds(j.last.Sub(j.applying))
		j.report.Seconds.Ready = seconds(j.now().Sub(j.last))
	}
}

// explained notes why objects did not become ready.
func (j *Journal) explained(blocked []ready.Blocked) {
	if j != nil {
		j.report.Blocked = blocked
	}
}

// left notes what undoing what was done has left.
func (j *Journal) left(stays []ready.Waiting) {
	if j == nil {
		return
	}
	for _, w := range stays {
		known := func(before ready.Waiting) bool { return before.Ref == w.Ref }
		j.report.Remains = append(slices.DeleteFunc(j.report.Remains, known), w)
	}
}

// undone notes that what was done is undone.
func (j *Journal) undone() {
	if j != nil {
		j.report.Undone = true
	}
}

// Close looks at the cluster for the last time, and gives the report. text and code
// are how the command ends. When ctx is done, what would have to be asked for is
// left out.
func (j *Journal) Close(ctx context.Context, text string, code int) Report {
	r := j.report
	r.Error, r.ExitCode = text, code
	for _, e := range j.earlier {
		if e.complete {
			r.Dependencies = append(r.Dependencies, e.Close(ctx, "", 0))
		} else {
			r.Dependencies = append(r.Dependencies, e.Close(ctx, text, code))
		}
	}
	if j.plan != nil {
		r.Objects = j.objects()
		r.Remains = append(stays(j.plan), r.Remains...)
	}
	if !j.applying.IsZero() && ctx.Err() == nil {
		j.observe(ctx, &r)
	}
	r.Seconds.Total = seconds(j.now().Sub(j.started))
	r.Objects, r.Images, r.Warnings = orEmpty(r.Objects), orEmpty(r.Images), orEmpty(r.Warnings)
	r.Remains, r.Blocked = orEmpty(r.Remains), orEmpty(r.Blocked)
	return r
}

// observe adds to a report what the cluster says at the end.
func (j *Journal) observe(ctx context.Context, r *Report) {
	for _, w := range j.cluster.Warnings() { // first: what follows asks for all kinds, also those of the past
		if w = j.plan.Scrub(w); !slices.Contains(r.Warnings, w) {
			r.Warnings = append(r.Warnings, w)
		}
	}
	var err error
	if r.Images, err = ready.Images(ctx, j.cluster, j.plan.Applied()); err != nil {
		j.unasked(r, "what images run is not known", err)
	}
	if r.Command != "uninstall" {
		return
	}
	labelled, err := history.Labelled(ctx, j.cluster, j.plan.Installation)
	if err != nil {
		j.unasked(r, "whether anything else remains is not known", err)
	}
	for _, item := range labelled {
		if !slices.ContainsFunc(r.Remains, func(known ready.Waiting) bool { return known.Ref == item.Ref }) {
			r.Remains = append(r.Remains, ready.Waiting{Ref: item.Ref, Why: item.Why})
		}
	}
}

// unasked notes what a report lacks, and why: it is about the rest, too.
func (j *Journal) unasked(r *Report, what string, err error) {
	r.Warnings = append(slices.Clone(r.Warnings), j.plan.Scrub(what+": "+err.Error()))
}

// objects are what was planned, with what came of it.
func (j *Journal) objects() []reported {
	var all []reported
	for _, e := range j.plan.Entries {
		o := reported{Ref: e.Ref, Action: e.Action, Reason: e.Reason, UID: e.UID}
		if done, ok := j.done[e.Ref]; ok {
			o.Done = true
			if done.UID != "" {
				o.UID = done.UID
			}
		}
		if at, ok := j.ready[e.Ref]; ok {
			after := seconds(at.Sub(j.applying))
			o.Ready = &after
		}
		all = append(all, o)
	}
	return all
}

// stays are the objects that a plan leaves behind, and why.
func stays(p *plan.Plan) []ready.Waiting {
	var all []ready.Waiting
	for _, e := range p.Entries {
		if e.Action == plan.Kept {
			all = append(all, ready.Waiting{Ref: e.Ref, Why: e.Reason})
		}
	}
	for _, n := range slices.Concat(p.Volumes, p.CRDs) {
		if n.Stays && !slices.ContainsFunc(all, func(w ready.Waiting) bool { return w.Ref == n.Ref }) {
			all = append(all, ready.Waiting{Ref: n.Ref, Why: n.Text})
		}
	}
	return all
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
