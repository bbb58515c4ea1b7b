package plan

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

// planClaims plans what becomes of the claims that a StatefulSet which goes has
// made, and gives those that stay.
func planClaims(ctx context.Context, p *planner, set api.Ref, live map[string]any) (stay []api.Ref, err error) {
	made, err := claimsOf(ctx, p.Client, set, live)
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
		e := Entry{Ref: ref, Action: Kept, Reason: "it holds data", UID: object.Text(claim, "metadata", "uid"), Unlabelled: true}
		if p.request.Purge || slices.Contains(p.request.Fresh, set) && !older(claim, live) {
			e.Action, e.Reason = Removed, ""
		}
		if e.Action == Kept {
			stay = append(stay, ref)
		}
		noteRemoved(ctx, p, e, claim)
		p.add(e)
	}
	return stay, nil
}

// claimsOf are the claims that a StatefulSet has made: by the labels of its
// selector, which its controller puts there, and by name.
func claimsOf(ctx context.Context, c *api.Client, set api.Ref, live map[string]any) ([]map[string]any, error) {
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
