package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

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
