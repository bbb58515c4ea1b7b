package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// A StatefulSet makes claims from its templates. They are in no manifest, carry no
// label of ours, and outlive it: what they hold is what it was for. They stay with
// the claims that the Kube brings itself, and go with these.

// noteLeft is the annotation of a claim that stays although nothing wants it any more: its
// UID. A claim that was copied or restored has another.
const noteLeft = "kpm.sh/left"

// lookAtClaims plans what becomes of the claims that a StatefulSet which goes has
// made, and gives those that stay.
func (p *planner) lookAtClaims(ctx context.Context, set api.Ref, live map[string]any) (stay []api.Ref, err error) {
	made, err := p.claimsOf(ctx, set, live)
	if errors.Is(err, api.ErrForbidden) {
		for _, t := range object.List(live, "spec", "volumeClaimTemplates") {
			p.addVolume(Note{Ref: set, Text: "its claims from the template " + object.Text(t, "metadata", "name") + " stay", Stays: true})
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking at the claims of %s: %w", set, err)
	}
	for _, claim := range made {
		ref := api.Claims.RefTo(set.Namespace, object.Text(claim, "metadata", "name"))
		if p.request.Installation.OwnerOf(claim) == api.Theirs {
			continue
		}
		if p.knows(ref) {
			if !p.request.Purge && p.plan.uninstall {
				stay = append(stay, ref)
			}
			continue
		}
		e := Entry{Ref: ref, Action: Kept, Reason: "it holds data", UID: object.Text(claim, "metadata", "uid"), unlabelled: true}
		if p.request.Purge || slices.Contains(p.request.Fresh, set) && !older(claim, live) {
			e.Action, e.Reason = Removed, ""
		}
		if e.Action == Kept {
			stay = append(stay, ref)
		}
		p.noteRemoved(ctx, e, claim)
		p.add(e)
	}
	return stay, nil
}

// knows tells whether an object is planned for anyway.
func (p *planner) knows(ref api.Ref) bool {
	_, wanted := p.plan.objects[ref.Key()]
	return wanted || slices.ContainsFunc(p.request.State.Inventory, func(i api.Item) bool { return i.Ref == ref })
}

// claimsOf are the claims that a StatefulSet has made: by the labels of its
// selector, which its controller puts there, and by name.
func (c *Cluster) claimsOf(ctx context.Context, set api.Ref, live map[string]any) ([]map[string]any, error) {
	templates := object.List(live, "spec", "volumeClaimTemplates")
	matching := labels.Set{}
	for key, v := range object.Map(live, "spec", "selector", "matchLabels") {
		matching[key] = fmt.Sprint(v)
	}
	if len(templates) == 0 || len(matching) == 0 {
		return nil, nil
	}
	there, err := c.ListMetadata(ctx, api.Claims, set.Namespace, metav1.ListOptions{LabelSelector: matching.String()})
	return slices.DeleteFunc(there.Items, func(claim map[string]any) bool {
		name := object.Text(claim, "metadata", "name")
		return !slices.ContainsFunc(templates, func(t map[string]any) bool {
			ordinal, ok := strings.CutPrefix(name, object.Text(t, "metadata", "name")+"-"+set.Name+"-")
			return ok && ordinal != "" && strings.Trim(ordinal, "0123456789") == ""
		})
	}), err
}

// older tells whether a was there before b came.
func older(a, b map[string]any) bool {
	return object.Text(a, "metadata", "creationTimestamp") < object.Text(b, "metadata", "creationTimestamp")
}

// label marks what stays although its workload goes, and claims that go with it. It comes
// before the workload goes, by which alone they are found: whoever goes on after a run that
// was killed knows them by their marks.
func (a *applier) label(ctx context.Context) error {
	for _, e := range a.plan.Entries {
		if !e.unlabelled && e.with == "" {
			continue
		}
		if err := a.may(ctx); err != nil {
			return err
		}
		err := markLeft(ctx, a, e)
		if err != nil && !errors.Is(err, api.ErrNotFound) && (e.Action != Kept || !errors.Is(err, api.ErrForbidden)) {
			return fmt.Errorf("marking %s: %w", e.Ref, err)
		}
	}
	return nil
}

// markLeft puts the installation's labels on a claim, and its UID where it stays: without a
// record nothing else says later which it was. A Secret gets the name of the claim that it
// stays for.
func markLeft(ctx context.Context, a *applier, e Entry) error {
	resource := api.Claims
	if e.with != "" {
		resource = api.Secrets
	}
	live, err := a.Get(ctx, resource, e.Ref)
	if err != nil || live == nil {
		return err
	}
	if object.Text(live, "metadata", "uid") != e.UID || a.plan.Installation.OwnerOf(live) == api.Theirs {
		return api.Fault(fmt.Sprintf("%s is another object than the one that was planned for", e.Ref), api.ErrConflict, api.ErrStale)
	}
	meta := map[string]any{"uid": e.UID, "resourceVersion": object.Text(live, "metadata", "resourceVersion")}
	switch {
	case e.with != "":
		meta["annotations"] = map[string]any{noteWith: e.with}
	case e.Action == Kept:
		meta["annotations"] = map[string]any{noteLeft: e.UID}
	}
	if e.unlabelled {
		meta["labels"] = map[string]any{api.LabelInstallation: a.plan.Installation.Name, api.LabelNamespace: a.plan.Installation.Namespace}
	}
	_, err = a.Merge(ctx, resource, e.Ref, "", map[string]any{"metadata": meta})
	return err
}
