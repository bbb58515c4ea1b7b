package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// passing tells whether an object goes by itself when it has ended, as a Job with
// ttlSecondsAfterFinished does.
func passing(o map[string]any) bool {
	group, _ := splitVersion(text(o, "apiVersion"))
	return group == "batch" && text(o, "kind") == "Job" && dig(o, "spec")["ttlSecondsAfterFinished"] != nil
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
	a, err := c.do(ctx, request{
		method: http.MethodGet, path: Resource{Version: "v1", Plural: "events", Namespaced: true}.path(ref.Namespace, ""),
		query: url.Values{"fieldSelector": {"involvedObject.kind=Job,involvedObject.name=" + ref.Name}, "limit": {"50"}},
	})
	if err != nil {
		return false
	}
	type event struct{ Reason, LastTimestamp, EventTime string }
	var events struct{ Items []event }
	if json.Unmarshal(a.body, &events) != nil || len(events.Items) == 0 {
		return false
	}
	last := slices.MaxFunc(events.Items, func(a, b event) int {
		return strings.Compare(orElse(a.LastTimestamp, a.EventTime), orElse(b.LastTimestamp, b.EventTime))
	})
	return last.Reason == "Completed"
}
