package cluster

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
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
	if err := f.carry(plan, Record{Action: "upgrade"}); !errors.Is(err, api.ErrStale) {
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
	if err := f.carry(f.plan(oneMap+"\n---\n"+otherMap, Request{ForceConflicts: true}), Record{Action: "upgrade"}); err != nil {
		t.Fatal(err)
	}
	for _, w := range f.Writes() {
		forced := strings.Contains(w, "force=true")
		if strings.Contains(w, "/configmaps/a?") != forced {
			t.Errorf("forced: %v: %s", forced, w)
		}
	}
}

// taken lets somebody else have the pending record.
func taken(f *fakeServer) {
	f.Change(record1, func(o map[string]any) {
		object.Map(o, "metadata", "annotations")["kpm.sh/holder"] = `{"run":"another"}`
	})
}

// A holder whose record was taken stops before its next write, and leaves the record
// to who has it. One that slept finds out before it writes anything.
func TestStopsWhenTaken(t *testing.T) {
	f := fake(t)
	s, err := f.Begin(t.Context(), f.plan(oneMap, Request{}), Record{Action: "install"}, Holder{Run: "run"})
	if err != nil {
		t.Fatal(err)
	}
	taken(f)
	s.mu.Lock()
	s.seen = time.Now().Add(-f.pace.stale)
	s.mu.Unlock()
	if err := s.Apply(t.Context(), nil); !errors.Is(err, api.ErrConflict) {
		t.Errorf("apply: got %v, want ErrConflict", err)
	}
	if f.Live(mapA) != nil {
		t.Error("it wrote after its record was taken")
	}
	if err := s.Finish(t.Context(), nil); !errors.Is(err, api.ErrConflict) {
		t.Errorf("finish: got %v, want ErrConflict", err)
	}
	if now := f.Live(record1); object.Text(now, "metadata", "labels", labelStatus) != string(Pending) || !strings.Contains(object.Text(now, "metadata", "annotations", "kpm.sh/holder"), "another") {
		t.Errorf("the record of the other is %v", object.Map(now, "metadata"))
	}
}

// The record of a holder at work is touched, so that nobody takes it for lost.
func TestBeats(t *testing.T) {
	f := fake(t)
	f.pace.beat = time.Millisecond
	s, err := f.Begin(t.Context(), f.plan(oneMap, Request{}), Record{Action: "install"}, Holder{Run: "run"})
	if err != nil {
		t.Fatal(err)
	}
	touches := make(chan struct{}, 2)
	f.Before(func(r *http.Request) int {
		if r.Method == http.MethodPatch && r.URL.Path == record1 {
			select {
			case touches <- struct{}{}:
			default:
			}
		}
		return 0
	})
	<-touches
	<-touches // the one before is done
	f.Before(nil)
	if object.Text(f.Live(record1), "metadata", "annotations", beatKey) == "" {
		t.Error("the record is not touched")
	}
	if err := s.Finish(t.Context(), errors.New("a fault of the test")); err != nil {
		t.Fatal(err)
	}
	if got := object.Text(f.Live(record1), "metadata", "labels", labelStatus); got != string(Failed) {
		t.Errorf("a failure is recorded as %s", got)
	}
}

// A Kube brings no records of kpm's.
func TestBringsNoRecords(t *testing.T) {
	f := fake(t)
	for _, kind := range []string{recordType, partType} {
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
