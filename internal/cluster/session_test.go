package cluster

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// A plan is the same before it is carried out and after, also where it brings the
// namespace of its own record: a report says what was planned.
func TestPlanStays(t *testing.T) {
	f := fake(t)
	f.Clear()
	plan := f.plan("{apiVersion: v1, kind: Namespace, metadata: {name: web}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n", Request{})
	before := indented(t, plan)
	s, err := f.Begin(t.Context(), plan, history.Record{Action: "install", Version: "1.0.0"}, history.Holder{Run: "run"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, indented(t, plan)); diff != "" {
		t.Errorf("Begin changes its plan (-before +after):\n%s", diff)
	}
	var events []apply.Event
	if err := s.Apply(t.Context(), func(e apply.Event) { events = append(events, e) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, indented(t, plan)); diff != "" {
		t.Errorf("Apply changes its plan (-before +after):\n%s", diff)
	}
	if len(events) != 2 || events[0].Kind != "Namespace" || events[0].Action != Added || events[0].UID == "" {
		t.Errorf("events are %+v", events)
	}
	var applied int
	for _, w := range f.Writes() {
		if w == "PATCH /api/v1/namespaces/web?fieldManager=kpm%3Aweb%2Fweb&fieldValidation=Strict" {
			applied++
		}
	}
	if applied != 1 {
		t.Errorf("the namespace was applied %d times", applied)
	}
	state, err := f.State(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range state.Inventory {
		if item.UID == "" || item.Planned {
			t.Errorf("remembered: %+v", item)
		}
	}
}

func indented(t *testing.T, plan *Plan) string {
	t.Helper()
	data, err := json.MarshalIndent(plan, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
