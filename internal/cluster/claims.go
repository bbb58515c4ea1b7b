package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A StatefulSet makes claims from its templates. They are in no manifest, carry no
// label of ours, and outlive it: what they hold is what it was for. They stay with
// the claims that the Kube brings itself, and go with these.

// noteLeft is the annotation of a claim that an uninstall left: its UID. A claim that was
// copied or restored has another.
const noteLeft = "kpm.sh/left"

// lookAtClaims plans what becomes of the claims that a StatefulSet which goes has
// made, and gives those that stay.
func (p *planner) lookAtClaims(ctx context.Context, set Ref, live map[string]any) (stay []Ref, err error) {
	made, err := p.claimsOf(ctx, set, live)
	if errors.Is(err, ErrForbidden) {
		for _, t := range list(live, "spec", "volumeClaimTemplates") {
			p.addVolume(Note{Ref: set, Text: "its claims from the template " + text(t, "metadata", "name") + " stay", Stays: true})
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking at the claims of %s: %w", set, err)
	}
	for _, claim := range made {
		ref := claims.ref(set.Namespace, text(claim, "metadata", "name"))
		if p.request.Installation.ownerOf(claim) == theirs {
			continue
		}
		if p.knows(ref) {
			if !p.request.Purge && p.plan.uninstall {
				stay = append(stay, ref)
			}
			continue
		}
		e := Entry{Ref: ref, Action: Kept, Reason: "it holds data"}
		if p.plan.uninstall {
			e.UID, e.unlabelled = text(claim, "metadata", "uid"), true
		}
		if p.request.Purge || slices.Contains(p.request.Fresh, set) && !older(claim, live) {
			e = Entry{Ref: ref, Action: Removed, UID: text(claim, "metadata", "uid"), unlabelled: true}
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
func (p *planner) knows(ref Ref) bool {
	_, wanted := p.plan.objects[ref.key()]
	return wanted || slices.ContainsFunc(p.request.State.Inventory, func(i Item) bool { return i.Ref == ref })
}

// claimsOf are the claims that a StatefulSet has made: by the labels of its
// selector, which its controller puts there, and by name.
func (c *Cluster) claimsOf(ctx context.Context, set Ref, live map[string]any) ([]map[string]any, error) {
	templates := list(live, "spec", "volumeClaimTemplates")
	labels := dig(live, "spec", "selector", "matchLabels")
	if len(templates) == 0 || len(labels) == 0 {
		return nil, nil
	}
	there, err := c.listMetadata(ctx, claims, set.Namespace, metav1.ListOptions{LabelSelector: selectorOf(map[string]any{"matchLabels": labels})})
	return slices.DeleteFunc(there.Items, func(claim map[string]any) bool {
		name := text(claim, "metadata", "name")
		return !slices.ContainsFunc(templates, func(t map[string]any) bool {
			ordinal, ok := strings.CutPrefix(name, text(t, "metadata", "name")+"-"+set.Name+"-")
			return ok && ordinal != "" && strings.Trim(ordinal, "0123456789") == ""
		})
	}), err
}

// older tells whether a was there before b came.
func older(a, b map[string]any) bool {
	return text(a, "metadata", "creationTimestamp") < text(b, "metadata", "creationTimestamp")
}

// label puts the installation's labels on the claims that are to be deleted, and on those
// that an uninstall leaves, with their UID: without a record nothing else says later which
// they were. It comes before the StatefulSet goes, by which alone they are found: whoever
// goes on after a run that was killed knows them by the labels.
func (a *applier) label(ctx context.Context) error {
	for _, e := range a.plan.Entries {
		if !e.unlabelled {
			continue
		}
		if err := a.may(ctx); err != nil {
			return err
		}
		live, err := a.get(ctx, claims, e.Ref)
		if err != nil {
			return err
		}
		if live == nil {
			continue
		}
		if text(live, "metadata", "uid") != e.UID || a.plan.Installation.ownerOf(live) == theirs {
			return fault(fmt.Sprintf("%s is another object than the one that was planned for", e.Ref), ErrConflict, ErrStale)
		}
		meta := map[string]any{
			"uid": e.UID, "resourceVersion": text(live, "metadata", "resourceVersion"),
			"labels": map[string]any{LabelInstallation: a.plan.Installation.Name, LabelNamespace: a.plan.Installation.Namespace},
		}
		if e.Action == Kept {
			meta["annotations"] = map[string]any{noteLeft: e.UID}
		}
		_, err = a.merge(ctx, claims, e.Ref, "", map[string]any{"metadata": meta})
		if err != nil && !errors.Is(err, ErrNotFound) && (e.Action != Kept || !errors.Is(err, ErrForbidden)) {
			return fmt.Errorf("marking %s: %w", e.Ref, err)
		}
	}
	return nil
}
