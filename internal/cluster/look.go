package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// look plans one object that is wanted.
func (p *planner) look(ctx context.Context, d *desired) error {
	if d.resource.Namespaced {
		state := p.namespaces[d.ref.Namespace]
		if namespaceReason(d.ref.Namespace, state) != "" {
			return nil // refused once for all that would lie there
		}
		d.offline = d.offline || state == nsComing
	}
	if d.offline {
		return p.lookOffline(ctx, d)
	}
	if !p.recorded(d.ref) && p.lookAtFresh(ctx, d) {
		return nil
	}
	live, err := p.Get(ctx, d.resource, d.ref)
	if p.plan.awaits(d.ref, err) {
		return p.lookUnconverted(ctx, d)
	}
	if errors.Is(err, api.ErrForbidden) || errors.Is(err, api.ErrRefused) {
		p.refuse(d, codeOf(err), withoutObjects(err.Error()))
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", d.ref, err)
	}
	if live == nil {
		return p.lookAtNew(ctx, d)
	}
	return p.lookAtLive(ctx, d, live)
}

// lookOffline plans an object whose kind or namespace comes with the plan. It is
// new, unless the kind is served in another version already.
func (p *planner) lookOffline(ctx context.Context, d *desired) error {
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
	p.see(d.ref, live)
	if p.owns(ctx, d, live, &e) {
		p.note(d, live, d.value)
		p.alter(d, e)
	}
	return nil
}

// recorded tells whether the installation is known to have made the object.
func (p *planner) recorded(r api.Ref) bool {
	return slices.ContainsFunc(p.request.State.Inventory, func(i api.Item) bool { return i.UID != "" && i.Key() == r.Key() })
}

// lookAtFresh plans an object that is most likely not there: a dry run that would
// make it says so in one request. Otherwise fresh is false, and nothing is known.
func (p *planner) lookAtFresh(ctx context.Context, d *desired) (fresh bool) {
	grants := isGrant(d.ref)
	after, created, err := p.ServerSideApply(ctx, p.dryRunOf(d, "", grants))
	if err != nil || !created {
		return false // what the error is worth is judged with the live object at hand
	}
	p.addNew(d)
	p.note(d, nil, after)
	return true
}

func (p *planner) lookAtNew(ctx context.Context, d *desired) error {
	if uid := p.passed(d); uid != "" {
		p.add(Entry{Ref: d.ref, Action: Unchanged, Source: d.source, UID: uid, Reason: "it has ended and was to go then", passed: true})
		return nil
	}
	after, err := p.dryRun(ctx, d, "")
	if p.guarded(err) {
		p.lookGuarded(d, nil, Entry{})
		return nil
	}
	if p.plan.awaits(d.ref, err) {
		return p.lookUnconverted(ctx, d)
	}
	if err != nil {
		return p.judge(d, nil, err)
	}
	p.addNew(d)
	p.note(d, nil, after)
	return nil
}

// addNew plans an object that is not there. What an upgrade would add out of the
// namespace needs leave.
func (p *planner) addNew(d *desired) {
	if p.outside(d.ref) {
		p.mu.Lock()
		p.plan.Outside = append(p.plan.Outside, d.ref)
		p.mu.Unlock()
		if p.request.Upgrade && !p.request.AllowClusterScoped && !slices.Contains(p.request.Returning, d.ref) {
			p.refuse(d, CodeClusterScoped, "it is new and not in namespace "+p.request.Installation.Namespace+" (--allow-cluster-scoped allows it)")
		}
	}
	if d.offline {
		p.note(d, nil, d.value)
	}
	p.add(Entry{Ref: d.ref, Action: Added, Source: d.source, Offline: d.offline, guarded: d.guarded})
}

// alter plans a change of an object. Out of the namespace it needs leave when
// nobody vouches for it.
func (p *planner) alter(d *desired, e Entry) {
	if p.request.Unverified != "" && p.outside(d.ref) && !p.request.AllowClusterScoped {
		p.refuse(d, CodeClusterScoped, fmt.Sprintf("it would be %s by what is not verified, and is not in namespace %s (--allow-cluster-scoped allows it)",
			e.Action, p.request.Installation.Namespace))
	}
	p.add(e)
}

// lookAtLive plans an object that is there, if it is ours to change.
func (p *planner) lookAtLive(ctx context.Context, d *desired, live map[string]any) error {
	entry := Entry{Ref: d.ref, Source: d.source, UID: object.Text(live, "metadata", "uid")}
	if d.ref.Is("", "Secret") {
		p.mu.Lock()
		p.plan.mask.HideSecret(live)
		p.mu.Unlock()
	}
	p.see(d.ref, live)
	if p.request.Installation.OwnerOf(live) != api.Ours {
		switch {
		case d.ref.Is("", "Namespace"):
			return p.lookAtShared(ctx, d, live)
		case d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") && p.lookAtForeignCRD(ctx, d, live):
			return nil
		}
	}
	if !p.owns(ctx, d, live, &entry) {
		return nil
	}
	if object.Text(live, "metadata", "deletionTimestamp") != "" {
		leaving(p, d, entry, live)
		return nil
	}
	if p.loses(d, live) {
		return nil
	}
	entry.Reason = p.leaveReplicas(ctx, d, live)
	return lookAtOwn(ctx, p, d, live, entry)
}

// lookAtOwn plans an object of ours by a dry run.
func lookAtOwn(ctx context.Context, p *planner, d *desired, live map[string]any, entry Entry) error {
	after, err := p.dryRun(ctx, d, entry.UID)
	if now := p.writtenSince(ctx, d, live, after); now != nil {
		live = now
		after, err = p.dryRun(ctx, d, entry.UID)
	}
	if takesBack(p.request.Installation, d, live, entry.Adopted, err) {
		d.inherits = true
		after, err = p.dryRun(ctx, d, entry.UID)
	}
	after, err = p.displace(ctx, d, live, after, entry.Adopted, err)
	if reason := cmp.Or(immutableReason(err), immutableService(d.value, live, p.request.Installation.Manager())); reason != "" && replaceable(d.ref) {
		entry.Action, entry.Reason, entry.Offline = Replaced, p.plan.mask.Scrub(reason), true
		entry.Changes = nil
		keepReplicas(d, live)
		p.note(d, live, d.value)
		p.alter(d, entry)
		return nil
	}
	if p.guarded(err) {
		p.lookGuarded(d, live, entry)
		return nil
	}
	if p.plan.awaits(d.ref, err) {
		return p.lookUnconverted(ctx, d)
	}
	if err != nil {
		return p.judge(d, live, err)
	}
	if entry.Adopted {
		entry.Stays = p.adopting(ctx, d, live, after)
	} else if restored(p.request.Installation, live) {
		p.adopting(ctx, d, live, after)
	}
	p.mu.Lock()
	entry.Changes = compare(d.ref, live, after, p.plan.mask)
	p.plan.live[d.ref.Key()] = live
	p.mu.Unlock()
	entry.Action = Changed
	if len(entry.Changes) == 0 {
		entry.Action = Unchanged
		entry.claim = p.claims(live, after) || inputsOf(live) != inputsOf(after)
	}
	p.note(d, live, after)
	if entry.Action == Changed {
		p.alter(d, entry)
	} else {
		p.add(entry)
	}
	p.noteCRD(ctx, d, live, after)
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
func (p *planner) writtenSince(ctx context.Context, d *desired, live, after map[string]any) map[string]any {
	if after == nil || object.Text(after, "metadata", "resourceVersion") == object.Text(live, "metadata", "resourceVersion") {
		return nil
	}
	now, err := p.Get(ctx, d.resource, d.ref)
	if err != nil || object.Text(now, "metadata", "uid") != object.Text(live, "metadata", "uid") {
		return nil // what it is worth is judged with what was read first
	}
	return now
}

// claims tells whether the dry run gives the installation other fields than it
// has, although no value changes.
func (p *planner) claims(live, after map[string]any) bool {
	manager := p.request.Installation.Manager()
	return !reflect.DeepEqual(object.Applied(live, manager), object.Applied(after, manager))
}

// owns decides by the labels of the live object. It refuses what is not ours.
func (p *planner) owns(ctx context.Context, d *desired, live map[string]any, e *Entry) bool {
	reason := "it is there already and not kpm's"
	switch owner := p.request.Installation.OwnerOf(live); {
	case owner == api.Ours:
		return true
	case owner == api.Theirs && !p.orphaned(ctx, live):
		p.refuse(d, CodeOther, belongs(d.ref, api.InstallationOf(live)))
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
	if d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		reason += "; --use-crd " + d.ref.Name + " uses it as it is"
	}
	p.refuse(d, CodeForeign, reason+" (--adopt "+d.ref.Arg()+" takes it over)")
	return false
}

// judge makes refusals of what the dry run says. Other errors are returned.
func (p *planner) judge(d *desired, live map[string]any, err error) error {
	if conflicts := api.FieldConflicts(err); len(conflicts) > 0 {
		p.refuse(d, CodeField, "others manage fields of it: "+strings.Join(conflicts, "; ")+" (--force-conflicts takes them)")
		return nil
	}
	if errors.Is(err, errHeld) {
		p.refuse(d, CodeField, err.Error())
		return nil
	}
	if api.StatusCode(err) == 0 || errors.Is(err, api.ErrUnreachable) {
		return fmt.Errorf("trying %s: %w", d.ref, err)
	}
	if live == nil && errors.Is(err, api.ErrNotFound) {
		p.refuse(d, CodeNamespace, err.Error())
		return nil
	}
	p.refuse(d, codeOf(err), withoutObjects(err.Error()))
	return nil
}

func codeOf(err error) Code {
	switch {
	case errors.Is(err, api.ErrForbidden):
		return CodeForbidden
	case errors.Is(err, api.ErrConflict):
		return CodeField
	case errors.Is(err, api.ErrUnanswered):
		return CodeWebhook
	}
	return CodeInvalid
}
