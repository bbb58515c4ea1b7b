package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// expires tells whether an object goes by itself when it has ended, as a Job with
// ttlSecondsAfterFinished does.
func expires(o map[string]any) bool {
	ref := api.Ref{APIVersion: object.Text(o, "apiVersion"), Kind: object.Text(o, "kind")}
	return ref.Is("batch", "Job") && object.Map(o, "spec")["ttlSecondsAfterFinished"] != nil
}

// Expiring are the objects of a record that go by themselves when they have ended:
// nothing is amiss when they are not there. r may be nil.
func (r *Record) Expiring() []api.Ref {
	if r == nil {
		return nil
	}
	var found []api.Ref
	for _, m := range r.Manifests {
		var o map[string]any
		if json.Unmarshal(m, &o) == nil && expires(o) {
			found = append(found, api.Ref{
				APIVersion: object.Text(o, "apiVersion"), Kind: object.Text(o, "kind"),
				Namespace: object.Text(o, "metadata", "namespace"), Name: object.Text(o, "metadata", "name"),
			})
		}
	}
	return found
}

// passed is the UID of the object that the installed revision has made of just
// what is wanted, if that has ended and gone; else "".
func (p *planner) passed(d *desired) string {
	if !expires(d.value) {
		return ""
	}
	return p.recordedAs(d)
}

// recordedAs is the UID of the object that the installed revision has made of just
// what is wanted; "" when it has made none such.
func (p *planner) recordedAs(d *desired) string {
	current := p.request.State.Current
	if current == nil {
		return ""
	}
	want, err := json.Marshal(unmarked(d.value))
	same := func(m json.RawMessage) bool { return bytes.Equal(m, want) }
	if err != nil || !slices.ContainsFunc(current.Manifests, same) {
		return ""
	}
	for _, item := range current.Inventory {
		if item.Key() == d.ref.Key() {
			return item.UID
		}
	}
	return ""
}

// completed tells whether the last that is known of a Job is that it has
// completed. It is for one that is gone.
func (c *Cluster) completed(ctx context.Context, ref api.Ref) bool {
	found, err := c.Events(ctx, ref.Namespace, "involvedObject.kind=Job,involvedObject.name="+ref.Name)
	if err != nil || len(found) == 0 {
		return false
	}
	last := slices.MaxFunc(found, func(a, b api.Event) int { return strings.Compare(a.Time(), b.Time()) })
	return last.Reason == "Completed"
}
