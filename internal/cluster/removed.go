package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// lookAtRemoved plans an object that the record names and nobody wants any
// more. What is gone is no entry.
func (p *planner) lookAtRemoved(ctx context.Context, item Item) error {
	resource, err := p.served(ctx, item.Ref)
	if errors.Is(err, ErrNotFound) {
		return nil // its CRD is gone, and it with it
	}
	if err != nil {
		return err
	}
	live, err := p.get(ctx, resource, item.Ref)
	if unconverted(err) && item.UID != "" {
		// Nobody can read it in any version: deleting reads it again, and decides then.
		p.add(Entry{Ref: item.Ref, Action: Removed, UID: item.UID, Reason: "its conversion webhook does not answer: it is looked at when it is deleted"})
		return nil
	}
	if errors.Is(err, ErrForbidden) || errors.Is(err, ErrRefused) {
		p.add(Entry{Ref: item.Ref, Action: Kept, Reason: p.plan.mask.Scrub(err.Error())})
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", item.Ref, err)
	}
	if live == nil {
		return nil
	}
	p.see(item.Ref, live)
	if item.is("", "Namespace") && p.request.Installation.ownerOf(live) != ours && fieldsOf(live, p.request.Installation.Manager()) != nil {
		return p.lookAtGivenUp(ctx, resource, item.Ref, live)
	}
	e := Entry{Ref: item.Ref, Action: Removed, UID: text(live, "metadata", "uid")}
	reason := p.whyKept(item, live)
	if reason != "" && p.request.Installation.foreign(item, live) == "" && p.neverWas() {
		if e.unused, err = p.unused(ctx, p.request.Installation, item.Ref, live); err != nil {
			return fmt.Errorf("looking whether %s is used: %w", item.Ref, err)
		}
	}
	if e.unused {
		reason = ""
	}
	if reason == "" {
		if reason, err = p.sharing(ctx, item.Ref, live); err != nil {
			return fmt.Errorf("looking at what is in %s: %w", item.Ref, err)
		}
	}
	if reason != "" {
		e.Action, e.Reason = Kept, reason
	}
	if p.request.Installation.foreign(item, live) != "" {
		e.UID = ""
	}
	if e.Action == Removed && text(live, "metadata", "deletionTimestamp") != "" {
		e.Leaving, e.Reason = true, "it is being deleted already"+whyStays(live)
	}
	p.noteRemoved(ctx, e, live)
	p.noteConverter(e, live)
	p.add(e)
	var stay []Ref
	if e.is("apps", "StatefulSet") && e.Action == Removed {
		if stay, err = p.lookAtClaims(ctx, e.Ref, live); err != nil {
			return err
		}
	}
	if e.Action == Removed {
		p.goes(e.Ref, live, stay)
	}
	return nil
}

// whyKept says why a live object is left although it is no longer wanted. The
// record alone is no reason to delete anything: see the package comment.
func (p *planner) whyKept(item Item, live map[string]any) string {
	if reason := p.request.Installation.foreign(item, live); reason != "" {
		return reason
	}
	if p.request.Purge {
		return ""
	}
	switch {
	case item.is("", "PersistentVolumeClaim", "PersistentVolume"):
		if slices.Contains(p.request.Fresh, item.Ref) {
			return ""
		}
		return "it holds data"
	case item.is("", "Namespace"):
		return "everything in it would go, too"
	case item.is("apiextensions.k8s.io", "CustomResourceDefinition"):
		return "all objects of its kind would go, too"
	}
	return ""
}

// foreign says why a live object is not the one that the installation made, or
// "" when it is.
func (i Installation) foreign(item Item, live map[string]any) string {
	switch owner := i.ownerOf(live); {
	case owner == theirs:
		return "it belongs to " + labelled(live).String()
	case owner == unowned:
		return "it does not carry the installation's labels"
	case item.UID != "" && item.UID == text(live, "metadata", "uid"), item.Planned && i.made(live):
		return ""
	case item.UID == "":
		return "the record does not say which object it was"
	}
	return "it is another object than the recorded one"
}
