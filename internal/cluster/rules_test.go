package cluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

const (
	mapA     = "/api/v1/namespaces/web/configmaps/a"
	record1  = "/api/v1/namespaces/web/secrets/kpm.web.v1"
	oneMap   = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}"
	otherMap = "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"
	wideRole = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: wide}, rules: []}"
)

func setLabels(o map[string]any, labels map[string]any) {
	object.Ensure(o, "metadata")["labels"] = labels
}

// codes are those of a plan's refusals.
func codes(plan *Plan) string {
	var all []string
	for _, r := range plan.Refusals {
		all = append(all, string(r.Code))
	}
	return strings.Join(all, " ")
}

// Who takes the labels off an object after it was looked at, and before it is
// deleted, keeps it.
func TestDeletesOnlyWhatItRead(t *testing.T) {
	f := fake(t)
	f.install(oneMap)
	plan := f.plan(otherMap, Request{})
	f.Before(func(r *http.Request) int {
		if r.Method == http.MethodDelete && r.URL.Path == mapA {
			f.Before(nil)
			f.Change(mapA, func(o map[string]any) { setLabels(o, nil) })
		}
		return 0
	})
	if err := f.carry(plan, history.Record{Action: "upgrade"}); !errors.Is(err, api.ErrStale) {
		t.Errorf("got %v, want ErrStale", err)
	}
	if f.Live(mapA) == nil {
		t.Error("the object is gone")
	}
}

// Nothing takes what is another installation's, whatever is named for adoption.
func TestAdoptsNothingOfOthers(t *testing.T) {
	f := fake(t)
	other := *f
	other.id.Name = "other"
	other.install(oneMap)
	if got := codes(f.plan(oneMap, Request{Adopt: []string{"configmap/a", "configmap/web/a"}})); got != string(CodeOther) {
		t.Errorf("refused with %q", got)
	}
	f.Change(mapA, func(o map[string]any) { setLabels(o, nil) })
	if got := codes(f.plan(oneMap, Request{})); got != string(CodeForeign) {
		t.Errorf("what nobody owns is refused with %q", got)
	}
	if got := codes(f.plan(oneMap, Request{Adopt: []string{"configmap/a"}})); got != "" {
		t.Errorf("what nobody owns, and was named, is refused with %q", got)
	}
}

// What an upgrade would add out of the namespace needs leave.
func TestUpgradeStaysInItsNamespace(t *testing.T) {
	f := fake(t)
	for want, r := range map[string]Request{
		string(CodeClusterScoped): {Upgrade: true}, "": {Upgrade: true, AllowClusterScoped: true},
	} {
		if got := codes(f.plan(wideRole, r)); got != want {
			t.Errorf("%+v: refused with %q, want %q", r, got, want)
		}
	}
	if got := codes(f.plan(wideRole, Request{})); got != "" {
		t.Errorf("a first install: refused with %q", got)
	}
}

// Fields of others are forced on what is there, and never on what is new: that would
// be somebody else's, made since the plan.
func TestForcesNothingNew(t *testing.T) {
	f := fake(t)
	f.install(oneMap)
	f.Change(mapA, func(o map[string]any) { o["data"] = map[string]any{"k": "w"} })
	f.Writes()
	if err := f.carry(f.plan(oneMap+"\n---\n"+otherMap, Request{ForceConflicts: true}), history.Record{Action: "upgrade"}); err != nil {
		t.Fatal(err)
	}
	for _, w := range f.Writes() {
		forced := strings.Contains(w, "force=true")
		if strings.Contains(w, "/configmaps/a?") != forced {
			t.Errorf("forced: %v: %s", forced, w)
		}
	}
}

// Who may not write any more stops before the next write.
func TestStopsWhenItMayNot(t *testing.T) {
	f := fake(t)
	plan, late := f.plan(oneMap, Request{}), errors.New("somebody took over")
	err := apply.New(f.ready, plan).Run(t.Context(), apply.Steps{May: func(context.Context) error { return late }})
	if !errors.Is(err, late) || f.Live(mapA) != nil {
		t.Errorf("got %v; it wrote %v", err, f.Live(mapA))
	}
}

// A Kube brings no records of kpm's.
func TestBringsNoRecords(t *testing.T) {
	f := fake(t)
	for _, kind := range []string{api.RecordType, api.PartType} {
		if got := codes(f.plan("{apiVersion: v1, kind: Secret, metadata: {name: s}, type: "+kind+"}", Request{})); got != string(CodeInvalid) {
			t.Errorf("%s: refused with %q", kind, got)
		}
	}
}

// A record whose parts do not fit together is damaged, not something else.
func TestPartsFitTogether(t *testing.T) {
	f := fake(t)
	f.install(oneMap)
	f.Change(record1, func(o map[string]any) {
		object.Map(o, "metadata", "annotations")["kpm.sh/sha256"] = strings.Repeat("0", 64)
	})
	s, err := f.State(t.Context(), f.id)
	if err != nil || !errors.Is(s.Err, api.ErrDamaged) || s.Current != nil {
		t.Errorf("state is %+v, %v", s, err)
	}
}
