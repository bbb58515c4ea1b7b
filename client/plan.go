package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Planned is what is going to be done, and what has to be agreed to first. It is made
// by [Source.Plan]; the next link of the chain is an [Applied].
type Planned struct {
	Plan     *plan.Plan
	Question *Question // nil: there is nothing to agree to

	change
	circle circumstances
	next   history.Record // what is recorded when it is applied
	powers []string       // that a first install brings into the cluster
}

// change is what is prepared, and the installation that it is for.
type change struct {
	source   *Source
	prepared *Prepared
}

// circumstances are what a plan depends on beside what is wanted and what is there.
type circumstances struct {
	before    []*plan.Plan // that are applied before it, by this command
	trusted   bool         // what is recorded was confirmed earlier in this run
	returning []api.Ref    // deleted by this run, and to be made again
}

// Plan asks the server what would happen when what is prepared is applied after the
// plans before. What the server refuses is the error, beside the plan that cannot be
// applied.
func (s *Source) Plan(ctx context.Context, p *Prepared, before ...*Planned) (*Planned, error) {
	var plans []*plan.Plan
	for _, b := range before {
		plans = append(plans, b.Plan)
	}
	return change{s, p}.plan(ctx, circumstances{before: plans})
}

func (c change) plan(ctx context.Context, under circumstances) (*Planned, error) {
	s, p := c.source, c.prepared
	objects, made, err := p.objects(ctx)
	if err != nil {
		return nil, err
	}
	next, err := c.record(made)
	if err != nil {
		return nil, err
	}
	if err := c.recordImages(ctx, &next, objects); err != nil {
		return nil, err
	}
	request := c.request(made)
	request.Next = c.sealing(&next)
	request.After, request.Returning = under.before, under.returning
	if request.Recorded, err = c.recorded(ctx, next, under.trusted); err != nil {
		return nil, err
	}
	plan, err := plan.New(ctx, s.cluster, objects, request)
	if err != nil {
		return nil, err
	}
	if p.past.fromRecord() && plan.Unverified == "" {
		s.client.note(fmt.Sprintf("revision %d is applied as it is recorded, which the cluster's objects confirm: %s", p.past.number, p.past.unverified))
	}
	for _, w := range plan.Warnings {
		s.client.warn(w)
	}
	s.options.Journal.planned(s.cluster, plan, s.state.Installed(), next, p.verified())
	planned := &Planned{Plan: plan, change: c, circle: under, next: next, powers: c.powers(objects, plan)}
	planned.Question, err = planned.question(), plan.Err()
	if plan.Base > 0 && (planned.Question != nil || err != nil) && !s.options.DryRun {
		if stale := s.changedSince(ctx, plan.Base, nil); stale != nil {
			return planned, stale
		}
	}
	return planned, err
}

// Compare gives what would change, also what was changed by others since. It is
// not to be applied. What the server or the rules of ownership refuse is the
// error.
func (s *Source) Compare(ctx context.Context, p *Prepared) (*plan.Plan, error) {
	objects, made, err := p.objects(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := plan.Diff(ctx, s.cluster, objects, change{s, p}.request(made))
	if err != nil {
		return nil, err
	}
	for _, w := range plan.Warnings {
		s.client.warn(w)
	}
	return plan, plan.Err()
}

// request is what is asked of the cluster; what templates made of values is hidden.
func (c change) request(made derivations) plan.Request {
	s, p, o := c.source, c.prepared, c.source.options
	r := requestFor(s.cluster, s.ID, s.state)
	r.Adopt, r.Upgrade, r.Unverified, r.Formerly = o.Adopt, c.relies(), p.past.unverifiedReason(), p.past != nil
	r.UseCRD, r.AllowClusterScoped, r.ForceConflicts, r.CreateNamespace = o.UseCRD, o.AllowClusterScoped, o.ForceConflicts, o.CreateNamespace
	r.Hide = c.secrets(made)
	return r
}

// relies reports whether the plan rests on what a record says: on values, or on
// what a hook wrote, also for an install that failed. Whoever may write Secrets in
// the namespace can forge a record; so what is new out of it has to be allowed.
func (c change) relies() bool {
	return c.source.Installed() || c.source.last != nil && c.prepared.hook.digest != ""
}

// recorded says what of the plan comes from a record, and by what that is confirmed.
// It is nil when there is none.
func (c change) recorded(ctx context.Context, next history.Record, trusted bool) (*plan.Recorded, error) {
	s, p := c.source, c.prepared
	from := s.state.Current
	switch {
	case p.past != nil:
		from = p.past.record
	case from == nil && p.hook.recorded:
		from = s.last
	}
	if from == nil {
		return nil, nil
	}
	r := &plan.Recorded{
		Values: []string{from.Inputs(), next.Inputs()}, Alone: p.past.fromRecord(), Accepted: s.accepts() || trusted,
		Used: p.past.fromRecord() || p.hook.recorded || s.values.reused && overrides(s.values.recorded),
	}
	if r.Alone {
		r.Values = nil // they confirm values, and no manifests
	}
	if p.past != nil {
		r.Values = append(r.Values, s.state.Vouching(p.past.number, p.past.record)...)
	}
	if !r.Used || r.Alone {
		return r, nil
	}
	var err error
	if r.Plain, err = p.withoutRecord(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.Alone = true // it does not render without them
	}
	return r, nil
}

// powers are those with which what is installed for the first time could take over the
// cluster or a node of it.
func (c change) powers(objects []manifest.Object, planned *plan.Plan) []string {
	if c.source.Installed() {
		return nil
	}
	var facts []string
	for _, o := range objects {
		for _, e := range planned.Entries {
			if !e.Applies() || e.Action == plan.Unchanged || e.Kind != o.Kind || e.Name != o.Name || e.Group() != manifest.GroupOf(o.APIVersion) || o.Namespace != "" && e.Namespace != o.Namespace {
				continue
			}
			facts = append(facts, powersOf(o, e.Ref, c.source.ID.Namespace, planned)...)
		}
	}
	return facts
}

// powersOf are those of one object. Of permissions they say what the plan says.
func powersOf(o manifest.Object, ref api.Ref, namespace string, planned *plan.Plan) []string {
	texts := manifest.Powers(o, namespace)
	var facts, said []string
	for _, text := range texts {
		facts = append(facts, planned.Scrub(fmt.Sprintf("%s: %s", ref, text)))
	}
	for _, n := range planned.Permissions {
		if n.Ref == ref && len(texts) > 0 {
			said = append(said, fmt.Sprintf("%s: %s", ref, n.Text))
		}
	}
	if len(said) > 0 {
		return said
	}
	return facts
}

// question is what a plan has to be asked for: what it takes away, the powers that it
// brings, and what it does to volumes, definitions in use and permissions of something
// installed.
func (p *Planned) question() *Question {
	facts := slices.Concat(p.givenUp(), p.unproven(), restored(p.Plan.Restored), p.powers)
	for _, e := range p.Plan.Entries {
		if (e.Action == plan.Removed || e.Action == plan.Replaced) && !e.Leaving {
			facts = append(facts, fmt.Sprintf("%s will be %s", e.Ref, e.Action))
		}
	}
	if p.relies() {
		facts = append(facts, consequences(p.Plan)...)
	}
	moved := p.moved()
	if moved != "" {
		facts = append(facts, moved)
	}
	if len(facts) == 0 {
		return nil
	}
	return &Question{Facts: facts, Ask: "Continue?", InPerson: moved != "" && !p.source.client.ImageMirror.Given()}
}

// consequences are what a plan does to permissions, volumes and definitions in use.
func consequences(p *plan.Plan) []string {
	var facts []string
	for _, n := range p.Permissions {
		if n.Wide {
			facts = append(facts, fmt.Sprintf("%s: %s", n.Ref, n.Text))
		}
	}
	for _, n := range slices.Concat(p.Volumes, p.CRDs) {
		if !n.Stays {
			facts = append(facts, fmt.Sprintf("%s: %s", n.Ref, n.Text))
		}
	}
	return facts
}

// givenUp is what an upgrade gives up beside objects: the user's edits, and who
// answered for the Kube.
func (c change) givenUp() []string {
	s, opened := c.source, c.prepared.from.opened
	had := s.state.Installed()
	if s.action != hook.Upgrade || had == nil || opened.Copy != nil {
		return nil
	}
	var facts []string
	if had.Edited {
		facts = append(facts, fmt.Sprintf("%s is installed from a copy that was edited, and this is not that copy", s.ID))
	}
	if had.Repository != "" && vouchedBy(opened) != had.Repository {
		facts = append(facts, fmt.Sprintf("%s is from repository %q, and this is %s", s.ID, had.Repository, opened.publisher()))
	}
	return facts
}

// vouchedBy is how the repository calls itself that vouches for what was opened; ""
// when none does.
func vouchedBy(t *Opened) string {
	if t.Release == nil {
		return ""
	}
	return t.Release.Repository.Status().Name
}

// unproven is what has to be agreed to before one goes back: that nobody vouches for
// what is applied, and that it is not known what there is now.
func (p *Planned) unproven() []string {
	var facts []string
	past, current := p.prepared.past, p.source.state.Err
	if past.fromRecord() && p.Plan.Unverified != "" {
		facts = append(facts, fmt.Sprintf("revision %d comes %s: %s", past.number, recordedOnly, past.unverified))
	}
	if past != nil && current != nil {
		facts = append(facts, fmt.Sprintf("%v; what only it made is left", current))
	}
	return facts
}

// Unfit asks before something new is put beside a claim that an earlier installation
// left: what the claim holds was made with the old password, and opens with no other.
// It is nil when all fits, or when there is no such claim. made says that the hook made
// what does not fit: nobody decided that, so no general yes answers it.
func (p *Planned) Unfit() (q *Question, made bool) {
	last := p.source.last
	made = len(p.prepared.hook.wrote) > 0 && !p.prepared.hook.handed && (last == nil || len(last.HookFiles) == 0)
	var facts []string
	for _, f := range p.Plan.Found {
		for _, secret := range f.Other {
			facts = append(facts, fmt.Sprintf("%s holds data that was made with %s as it is now, which will be changed", f.Ref, secret))
		}
		if !made {
			continue
		}
		for _, secret := range f.New {
			facts = append(facts, fmt.Sprintf("%s holds data of an earlier installation, and the hook has made a new %s, which it was not made with", f.Ref, secret))
		}
	}
	if len(facts) == 0 {
		return nil, false
	}
	return &Question{Facts: facts, Ask: "What it holds may never open again. Go on?", InPerson: made}, made
}

// recordImages checks that the mirror has the images, and records its address and the
// platform that it is asked for, if any image comes from there. What is applied as it is
// recorded keeps what is recorded.
func (c change) recordImages(ctx context.Context, next *history.Record, objects []manifest.Object) error {
	s, past := c.source, c.prepared.past
	if past.fromRecord() {
		next.Images, next.ImagesPlatform = past.record.Images, past.record.ImagesPlatform
		return nil
	}
	r, err := rewritingOf(ctx, s.client, c.prepared.from.opened)
	if err != nil {
		return err
	}
	if below := r.below(objects); len(below) > 0 {
		next.Images, next.ImagesPlatform, err = r.mirror, r.platform, r.check(ctx, s.client, below)
	}
	return err
}

// moved says that images come from elsewhere than what is installed takes them from; ""
// when they do not.
func (p *Planned) moved() string {
	had := p.source.state.Current
	if had == nil || had.Images == p.next.Images && had.ImagesPlatform == p.next.ImagesPlatform {
		return ""
	}
	name := func(r history.Record) string {
		switch {
		case r.Images == "":
			return "where the manifests say"
		case r.ImagesPlatform != "":
			return r.Images + " for " + r.ImagesPlatform + " alone"
		}
		return r.Images
	}
	return fmt.Sprintf("images of %s come from %s now, and came from %s", p.source.ID, name(p.next), name(*had))
}
