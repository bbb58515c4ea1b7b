package cluster

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// What lies where the next revision would is looked at before it counts as somebody
// else's work.
func TestNameInTheWay(t *testing.T) {
	f := fake(t)
	f.install("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	f.Put(`{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{"namespace":"web","name":"kpm.web.v2","labels":{"kpm.sh/installation":"resv","kpm.sh/namespace":"b"}}}`)
	plan := f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Request{})
	err := f.carry(plan, history.Record{Action: "install"})
	want := "Secret web/kpm.web.v2 lies where revision 2 would: it is of type Opaque and no revision, and belongs to resv in namespace b"
	if !errors.Is(err, api.ErrConflict) || errors.Is(err, api.ErrStale) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	f = fake(t)
	plan = f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Request{})
	f.install("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	if err := f.carry(plan, history.Record{Action: "install"}); !errors.Is(err, api.ErrStale) {
		t.Errorf("somebody was faster: got %v", err)
	}
	f = fake(t)
	f.Put(marshal(t, forged(f.id, 999_999_999, history.Failed, `{"schema":"kpm.installation/v1","inventory":[]}`)))
	plan = f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}", Request{})
	if err := f.carry(plan, history.Record{Action: "install"}); !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), "kpm.web.v999999999 is forged") {
		t.Errorf("no number is left: got %v", err)
	}
}

// A Kube cannot take a name that revisions have, whatever it says of the type.
func TestReservedNames(t *testing.T) {
	f := fake(t)
	for name, refused := range map[string]bool{
		"kpm.hello.v2": true, "kpm.hello.v2.01234567.p1": true, "kpm.hello.v": false, "kpm.hello.v2x": false, "kpm.hello": false, "xkpm.hello.v2": false,
	} {
		plan := f.plan("{apiVersion: v1, kind: Secret, metadata: {name: "+name+"}}", Request{})
		if (plan.Err() != nil) != refused {
			t.Errorf("%s: %v", name, plan.Err())
		}
	}
	if err := f.plan("{apiVersion: v1, kind: ConfigMap, metadata: {name: kpm.hello.v2}}", Request{}).Err(); err != nil {
		t.Errorf("a ConfigMap: %v", err)
	}
}

// Of what carries the labels of a test, an uninstall deletes what kpm has made, and
// says so in its plan.
func TestTestsOfAnUninstall(t *testing.T) {
	f := fake(t)
	labels := `"labels":{"kpm.sh/installation":"web","kpm.sh/namespace":"web","kpm.sh/test":"true"}`
	f.Put(`{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"web","name":"victim",` + labels + `}}`)
	f.Put(`{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"web","name":"later",` + labels + `,"managedFields":[{"manager":"kpm:web/web","operation":"Apply","time":"2038-01-01T00:00:00Z"}]}}`)
	f.install("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
	test, err := f.Plan(t.Context(), objectsOf(t, "{apiVersion: batch/v1, kind: Job, metadata: {name: probe, labels: {kpm.sh/test: 'true'}}}"), Request{Installation: f.id})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Apply(t.Context(), test, nil); err != nil {
		t.Fatal(err)
	}
	state, err := f.State(t.Context(), f.id)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.PlanUninstall(t.Context(), f.asRecorded(Request{Installation: f.id}, state))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ref := range plan.Deleted() {
		names = append(names, ref.Name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"a", "probe"}) {
		t.Errorf("deletes %v", names)
	}
	if err := f.carry(plan, history.Record{Action: "uninstall"}); err != nil {
		t.Fatal(err)
	}
	if f.Live("/api/v1/namespaces/web/pods/victim") == nil || f.Live("/api/v1/namespaces/web/pods/later") == nil {
		t.Error("what somebody else made is gone")
	}
	if f.Live("/apis/batch/v1/namespaces/web/jobs/probe") != nil || f.Live("/api/v1/namespaces/web/configmaps/a") != nil {
		t.Error("what kpm made is there")
	}
}
