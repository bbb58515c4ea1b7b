package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// planRemoved plans an object that the record names and nobody wants any
// more. What is gone is no entry.
func planRemoved(ctx context.Context, p *planner, item api.Item) error {
	resource, err := p.Served(ctx, item.Ref)
	switch {
	case errors.Is(err, api.ErrNotFound):
		return nil // its CRD is gone, and it with it
	case errors.Is(err, api.ErrSilent) && ledTo(p, item):
		p.add(outOfReach(item))
		return nil
	case err != nil:
		return err
	}
	live, err := p.Get(ctx, resource, item.Ref)
	switch {
	case err != nil:
		return planUnread(p, item, err)
	case live == nil:
		return nil
	}
	p.count(item.Ref, live)
	if item.Is("", "Namespace") && p.request.Installation.OwnerOf(live) != api.Ours && object.Applied(live, p.request.Installation.Manager()) != nil {
		return planGivenUp(ctx, p, resource, item.Ref, live)
	}
	return planUnwanted(ctx, p, item, live)
}

// planUnread plans such an object that the cluster does not show, if its error says
// that it may go on.
func planUnread(p *planner, item api.Item, err error) error {
	switch {
	case api.Unconverted(err) && item.UID != "":
		// Nobody can read it in any version: deleting reads it again, and decides then.
		p.add(Entry{Ref: item.Ref, Action: Removed, UID: item.UID, Reason: "its conversion webhook does not answer: it is looked at when it is deleted"})
	case errors.Is(err, api.ErrSilent) && ledTo(p, item):
		p.add(outOfReach(item))
	case errors.Is(err, api.ErrForbidden), errors.Is(err, api.ErrRefused):
		p.add(Entry{Ref: item.Ref, Action: Kept, Reason: p.plan.mask.Scrub(err.Error())})
	default:
		return fmt.Errorf("looking at %s: %w", item.Ref, err)
	}
	return nil
}

// outOfReach is an object that is passed over because the server behind its API does not
// answer.
func outOfReach(item api.Item) Entry {
	return Entry{Ref: item.Ref, Action: Kept, Reason: "the server behind its API does not answer, so nobody can tell whether it is there"}
}

// ledTo reports whether the APIService that leads to an object's API is the installation's
// own: nobody else will bring that server back.
func ledTo(p *planner, item api.Item) bool {
	group, version := api.SplitVersion(item.APIVersion)
	leads := func(ref api.Ref) bool {
		return ref.Is("apiregistration.k8s.io", "APIService") && ref.Name == version+"."+group
	}
	return slices.ContainsFunc(p.request.Past.Inventory, func(i api.Item) bool { return leads(i.Ref) }) ||
		slices.ContainsFunc(p.wanted, func(d *desired) bool { return leads(d.ref) })
}

// planUnwanted plans such an object that is there, with the claims that it has made.
func planUnwanted(ctx context.Context, p *planner, item api.Item, live map[string]any) (err error) {
	e := Entry{Ref: item.Ref, Action: Removed, UID: object.Text(live, "metadata", "uid")}
	p.plan.mask.Show(object.Texts(live, "metadata", "finalizers")...)
	if err := judgeRemoved(ctx, p, item, live, &e); err != nil {
		return err
	}
	if p.request.Installation.Foreign(item, live) != "" {
		e.UID = ""
	}
	if e.Action == Removed && object.Text(live, "metadata", "deletionTimestamp") != "" {
		e.Leaving, e.Reason = true, "it is being deleted already"+ready.Held(live)
	}
	noteRemoved(ctx, p, e, live)
	noteConverter(p, e, live)
	p.add(e)
	var stay []api.Ref
	if e.Is("apps", "StatefulSet") && e.Action == Removed {
		if stay, err = planClaims(ctx, p, e.Ref, live); err != nil {
			return err
		}
	}
	if e.Action == Removed {
		addGoing(p, e.Ref, live, stay)
	}
	return nil
}

// judgeRemoved notes whether an object stays, and why.
func judgeRemoved(ctx context.Context, p *planner, item api.Item, live map[string]any, e *Entry) (err error) {
	reason := keepReason(p, item, live)
	if reason != "" && p.request.Installation.Foreign(item, live) == "" && neverInstalled(p) {
		if e.Unused, err = Unused(ctx, p.Client, p.request.Installation, item.Ref, live); err != nil {
			return fmt.Errorf("looking whether %s is used: %w", item.Ref, err)
		}
	}
	if e.Unused {
		reason = ""
	}
	if reason == "" {
		if reason, err = secretReason(ctx, p, item.Ref, live); err != nil {
			return fmt.Errorf("looking at what %s is for: %w", item.Ref, err)
		}
	}
	if reason == "" {
		if reason, err = sharing(ctx, p, item.Ref, live); err != nil {
			return fmt.Errorf("looking at what is in %s: %w", item.Ref, err)
		}
	}
	if reason != "" {
		e.Action, e.Reason = Kept, reason
	}
	e.Unlabelled = reason != "" && byKind(item.Ref) != "" && p.request.Installation.Foreign(item, live) == "" &&
		object.Text(live, "metadata", "annotations", api.AnnotationLeft) != e.UID
	return nil
}

// keepReason says why a live object is left although it is no longer wanted. The
// record alone is no reason to delete anything: see the package comment.
func keepReason(p *planner, item api.Item, live map[string]any) string {
	if reason := p.request.Installation.Foreign(item, live); reason != "" {
		return reason
	}
	if p.request.Purge {
		return ""
	}
	if item.Is("", "PersistentVolumeClaim", "PersistentVolume") && slices.Contains(p.request.Fresh, item.Ref) {
		return ""
	}
	return byKind(item.Ref)
}

// byKind says why objects of a kind are left whosever they are, or "".
func byKind(ref api.Ref) string {
	switch {
	case ref.Is("", "PersistentVolumeClaim", "PersistentVolume"):
		return "it holds data"
	case ref.Is("", "Namespace"):
		return "everything in it would go, too"
	case ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		return "all objects of its kind would go, too"
	}
	return ""
}

// noteRemoved adds what one should know about an object that is no longer
// wanted.
func noteRemoved(ctx context.Context, p *planner, e Entry, live map[string]any) {
	stays := e.Action == Kept
	if e.Is("", "PersistentVolumeClaim", "PersistentVolume") {
		says := "its data goes, too"
		if stays {
			says = "stays: " + e.Reason
		}
		p.addVolume(Note{Ref: e.Ref, Text: says, Stays: stays})
	}
	if e.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		says := usage(ctx, p.Client, live)
		if stays {
			says = fmt.Sprintf("stays: %s (%s)", e.Reason, says)
		}
		p.addCRD(Note{Ref: e.Ref, Text: says, Stays: stays, Others: strangers(ctx, p, live)})
	}
}

// strangers counts the objects of a CRD that are not the installation's, and names
// some; "" when there are none, or nobody can tell.
func strangers(ctx context.Context, p *planner, crd map[string]any) string {
	all, err := ready.Instances(ctx, p.Client, crd)
	if err != nil {
		return ""
	}
	var refs []api.Ref
	for _, item := range all {
		if p.request.Installation.OwnerOf(item.Metadata) != api.Ours {
			refs = append(refs, item.Ref)
		}
	}
	switch len(refs) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 object that is not of %s: %s", p.request.Installation.Name, refs[0])
	}
	slices.SortFunc(refs, api.Ref.Compare)
	return fmt.Sprintf("%d objects that are not of %s: %s", len(refs), p.request.Installation.Name, ready.Some(refs))
}
