package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// passing tells whether an object goes by itself when it has ended, as a Job with
// ttlSecondsAfterFinished does.
func passing(o map[string]any) bool {
	ref := Ref{APIVersion: text(o, "apiVersion"), Kind: text(o, "kind")}
	return ref.is("batch", "Job") && dig(o, "spec")["ttlSecondsAfterFinished"] != nil
}

// Passing are the objects of a record that go by themselves when they have ended:
// nothing is amiss when they are not there. r may be nil.
func (r *Record) Passing() []Ref {
	if r == nil {
		return nil
	}
	var found []Ref
	for _, m := range r.Manifests {
		var o map[string]any
		if json.Unmarshal(m, &o) == nil && passing(o) {
			found = append(found, Ref{
				APIVersion: text(o, "apiVersion"), Kind: text(o, "kind"),
				Namespace: text(o, "metadata", "namespace"), Name: text(o, "metadata", "name"),
			})
		}
	}
	return found
}

// passed is the UID of the object that the installed revision has made of just
// what is wanted, if that has ended and gone; else "".
func (p *planner) passed(d *desired) string {
	if !passing(d.value) {
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
		if item.key() == d.ref.key() {
			return item.UID
		}
	}
	return ""
}

// completed tells whether the last that is known of a Job is that it has
// completed. It is for one that is gone.
func (c *Cluster) completed(ctx context.Context, ref Ref) bool {
	found, err := c.eventsOf(ctx, ref.Namespace, "involvedObject.kind=Job,involvedObject.name="+ref.Name)
	if err != nil || len(found) == 0 {
		return false
	}
	last := slices.MaxFunc(found, func(a, b event) int { return strings.Compare(a.time(), b.time()) })
	return last.Reason == "Completed"
}
