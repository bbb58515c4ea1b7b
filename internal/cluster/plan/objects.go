package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// planObject plans one object that is wanted.
func planObject(ctx context.Context, p *planner, d *desired) error {
	if d.resource.Namespaced {
		state := p.namespaces[d.ref.Namespace]
		if namespaceReason(d.ref.Namespace, state) != "" {
			return nil // refused once for all that would lie there
		}
		d.offline = d.offline || state == nsComing
	}
	if d.offline {
		return planOffline(ctx, p, d)
	}
	if !p.recorded(d.ref) && planFresh(ctx, p, d) {
		return nil
	}
	live, err := p.Get(ctx, d.resource, d.ref)
	if p.plan.Awaits(d.ref, err) {
		return planUnconverted(ctx, p, d)
	}
	if errors.Is(err, api.ErrForbidden) || errors.Is(err, api.ErrRefused) {
		p.refuse(d, codeOf(err), saidOf(err))
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", d.ref, err)
	}
	if live == nil {
		return planNew(ctx, p, d)
	}
	return planLive(ctx, p, d, live)
}

// planOffline plans an object whose kind or namespace comes with the plan. It is
// new, unless the kind is served in another version already.
func planOffline(ctx context.Context, p *planner, d *desired) error {
	r, err := p.Served(ctx, d.ref)
	if errors.Is(err, api.ErrNotFound) || errors.Is(err, api.ErrUnreachable) && d.resource.Unknown() || p.namespaces[d.ref.Namespace] == nsComing {
		p.addNew(d)
		return nil
	}
	var live map[string]any
	if err == nil {
		live, err = p.Get(ctx, r, d.ref)
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", d.ref, err)
	}
	if live == nil {
		p.addNew(d)
		return nil
	}
	e := Entry{Ref: d.ref, Action: Changed, Source: d.source, UID: object.Text(live, "metadata", "uid"), Offline: true}
	p.count(d.ref, live)
	if owns(ctx, p, d, live, &e) {
		p.note(d, live, d.value)
		p.alter(d, e)
	}
	return nil
}

// planFresh plans an object that is most likely not there: a dry run that would
// make it says so in one request. Otherwise fresh is false, and nothing is known.
func planFresh(ctx context.Context, p *planner, d *desired) (fresh bool) {
	grants := isGrant(d.ref)
	after, created, err := p.ServerSideApply(ctx, p.dryRunOf(d, "", grants))
	if err != nil || !created {
		return false // what the error is worth is judged with the live object at hand
	}
	p.addNew(d)
	p.note(d, nil, after)
	return true
}

func planNew(ctx context.Context, p *planner, d *desired) error {
	if uid := endedAs(p, d); uid != "" {
		p.add(Entry{Ref: d.ref, Action: Unchanged, Source: d.source, UID: uid, Reason: "it has ended and was to go then", Ended: true})
		return nil
	}
	after, err := p.dryRun(ctx, d, "")
	if p.guarded(err) {
		planGuarded(p, d, nil, Entry{})
		return nil
	}
	if p.plan.Awaits(d.ref, err) {
		return planUnconverted(ctx, p, d)
	}
	if err != nil {
		return p.judge(d, nil, err)
	}
	p.addNew(d)
	p.note(d, nil, after)
	return nil
}

// planLive plans an object that is there, if it is ours to change.
func planLive(ctx context.Context, p *planner, d *desired, live map[string]any) error {
	entry := Entry{Ref: d.ref, Source: d.source, UID: object.Text(live, "metadata", "uid")}
	p.plan.mask.Show(object.Texts(live, "metadata", "finalizers")...)
	if d.ref.Is("", "Secret") {
		p.mu.Lock()
		p.plan.mask.HideSecret(live)
		p.mu.Unlock()
	}
	p.count(d.ref, live)
	if p.request.Installation.OwnerOf(live) != api.Ours {
		switch {
		case d.ref.Is("", "Namespace"):
			return planShared(ctx, p, d, live)
		case d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") && planForeignCRD(ctx, p, d, live):
			return nil
		}
	}
	if !owns(ctx, p, d, live, &entry) {
		return nil
	}
	if object.Text(live, "metadata", "deletionTimestamp") != "" {
		leaving(p, d, entry, live)
		return nil
	}
	if loses(p, d, live) {
		return nil
	}
	entry.Reason = leaveReplicas(ctx, p, d, live)
	return planOwn(ctx, p, d, live, entry)
}

// planOwn plans an object of ours by a dry run.
func planOwn(ctx context.Context, p *planner, d *desired, live map[string]any, entry Entry) error {
	after, err := p.dryRun(ctx, d, entry.UID)
	if now := writtenSince(ctx, p, d, live, after); now != nil {
		live = now
		after, err = p.dryRun(ctx, d, entry.UID)
	}
	if takesBack(p.request.Installation, d, live, entry.Adopted, err) {
		d.inherits = true
		after, err = p.dryRun(ctx, d, entry.UID)
	}
	after, err = displace(ctx, p, d, live, after, entry.Adopted, err)
	if reason := cmp.Or(immutableReason(err), immutableService(d.value, live, p.request.Installation.Manager())); reason != "" && replaceable(d.ref) {
		entry.Action, entry.Reason, entry.Offline = Replaced, p.plan.mask.Scrub(reason), true
		entry.Changes = nil
		keepReplicas(d, live)
		p.note(d, live, d.value)
		p.alter(d, entry)
		return nil
	}
	if p.guarded(err) {
		planGuarded(p, d, live, entry)
		return nil
	}
	if p.plan.Awaits(d.ref, err) {
		return planUnconverted(ctx, p, d)
	}
	if err != nil {
		return p.judge(d, live, err)
	}
	if entry.Adopted || restored(p.request.Installation, live) {
		entry.Stays = adopting(ctx, p, d, live, after)
	}
	p.mu.Lock()
	entry.Changes = compare(d.ref, live, after, p.plan.mask)
	p.plan.live[d.ref.Key()] = live
	p.mu.Unlock()
	entry.Action = Changed
	if len(entry.Changes) == 0 {
		entry.Action = Unchanged
		entry.Claim = p.claims(live, after) || inputsOf(live) != inputsOf(after)
	}
	p.note(d, live, after)
	if entry.Action == Changed {
		p.alter(d, entry)
	} else {
		p.add(entry)
	}
	noteCRD(ctx, p, d, live, after)
	return nil
}

// leaving plans an object that is on its way out: it is made again once it is gone, which
// is waited for.
func leaving(p *planner, d *desired, e Entry, live map[string]any) {
	e.Action, e.Leaving, e.Offline, e.Reason = Replaced, true, true, "it is being deleted already"+ready.Held(live)
	keepReplicas(d, live)
	p.note(d, live, d.value)
	p.alter(d, e)
}

// writtenSince is a live object as it is now, if somebody has written it between its
// reading and its dry run: what that changed is no change of the plan. A dry run has
// the resourceVersion of what it was tried on.
func writtenSince(ctx context.Context, p *planner, d *desired, live, after map[string]any) map[string]any {
	if after == nil || object.Text(after, "metadata", "resourceVersion") == object.Text(live, "metadata", "resourceVersion") {
		return nil
	}
	now, err := p.Get(ctx, d.resource, d.ref)
	if err != nil || object.Text(now, "metadata", "uid") != object.Text(live, "metadata", "uid") {
		return nil // what it is worth is judged with what was read first
	}
	return now
}

// isLeft tells whether an uninstall left an object: such ones are marked with their own UID,
// the Secrets of a claim that stays with its name. Of one on its way out nothing stays.
func isLeft(ref api.Ref, live map[string]any) bool {
	uid := object.Text(live, "metadata", "uid")
	return object.Text(live, "metadata", "deletionTimestamp") != "" || uid != "" && uid == object.Text(live, "metadata", "annotations", api.AnnotationLeft) ||
		ref.Is("", "Secret") && object.Text(live, "metadata", "annotations", AnnotationWith) != ""
}

// owns decides by the labels of the live object. It refuses what is not ours.
func owns(ctx context.Context, p *planner, d *desired, live map[string]any, e *Entry) bool {
	reason := "it is there already and not kpm's"
	switch owner := p.request.Installation.OwnerOf(live); {
	case owner == api.Ours && (p.request.Past.Newest > 0 || isLeft(d.ref, live)):
		return true
	case owner == api.Ours:
		reason = "it carries the labels of " + p.request.Installation.String() + ", of which nothing is recorded: somebody copied it, or a backup brought it back"
	case owner == api.Theirs && !isOrphaned(ctx, p, live):
		other := api.InstallationOf(live)
		p.refuse(d, CodeOther, belongs(d.ref, other), way{code: errcode.OthersObject, owner: other})
		return false
	case owner == api.Theirs:
		reason = "it was left by " + api.InstallationOf(live).String() + ", which is not installed any more"
	case len(object.Managers(live)) > 0:
		reason += ", but managed by " + strings.Join(object.Managers(live), ", ")
	}
	e.Managers = object.Managers(live)
	if p.adopts(d.ref) {
		e.Adopted = true
		return true
	}
	ways := []way{{code: errcode.Unowned, object: d.ref.Arg()}}
	if d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") && len(unservedObjects(p, d, live)) == 0 {
		ways = append(ways, way{code: errcode.OthersCRD, object: d.ref.Name})
	}
	p.refuse(d, CodeForeign, reason, ways...)
	return false
}

// planUnconverted plans an object that cannot be tried before its converter answers.
// One that is there is known by another version.
func planUnconverted(ctx context.Context, p *planner, d *desired) error {
	d.offline = true
	return planOffline(ctx, p, d)
}
