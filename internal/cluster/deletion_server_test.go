package cluster

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

const held = "apiVersion: NS.example.com/v1\nkind: Pot\nmetadata: {name: a, finalizers: [example.com/wash]}\nspec: {size: 3}\n"

// operator is what has to finalize pots, and what it needs for it.
const operator = `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: op}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: op}
spec:
  selector: {matchLabels: {app: op}}
  template:
    metadata: {labels: {app: op}}
    spec: {terminationGracePeriodSeconds: 1, serviceAccountName: op, containers: [{name: op, image: "op:1"}]}
---
`

// pots is the path of the place's pots in a namespace.
func (p place) pots(namespace string) string {
	return "/apis/" + p.id.Namespace + ".example.com/v1/namespaces/" + namespace + "/pots"
}

// release takes the finalizers off an object.
func (p place) release(path string) {
	p.t.Helper()
	_, err := p.Do(p.t.Context(), api.Request{Method: http.MethodPatch, Path: path, ContentType: string(types.MergePatchType), Body: map[string]any{"metadata": map[string]any{"finalizers": nil}}})
	if err != nil && !errors.Is(err, api.ErrNotFound) {
		p.t.Error(err)
	}
}

// removing begins to uninstall, with so much patience.
func (p place) removing(r Request, limit time.Duration, progress func(ready.Waiting)) (*Session, *Plan) {
	p.t.Helper()
	r.Installation = p.id
	r = p.asRecorded(r, p.state())
	plan, err := p.PlanUninstall(p.t.Context(), r)
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := p.Begin(p.t.Context(), plan, history.Record{Action: "uninstall", Version: "1.0.0"}, p.here)
	if err != nil {
		p.t.Fatal(err)
	}
	s.Patience(limit, progress)
	return s, plan
}

// TestServerOperator takes away an operator whose object waits for it, and one that
// does its work.
func TestServerOperator(t *testing.T) {
	p := somewhere(t)
	t.Cleanup(func() {
		erase(t, p.Cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pots."+p.id.Namespace+".example.com")
	})
	p.ready.Grace = 10 * time.Millisecond // it is no clock for this
	p.install(crd+held+operator, Request{})
	s, _ := p.removing(Request{}, time.Second, nil)
	err := s.Apply(t.Context(), nil)
	var late *ready.Error
	if !errors.As(err, &late) || !errors.Is(err, api.ErrTimeout) || len(late.Stays) != 1 || len(late.Behind) != 2 {
		t.Fatalf("got %v, %+v", err, late)
	}
	for _, part := range []string{"Pot " + p.id.Namespace + "/a: it is still there, held by the finalizers example.com/wash", "until then there stay: Deployment " + p.id.Namespace + "/op, ServiceAccount"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if err := s.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	if p.live("apps/v1 Deployment op") == nil || p.live("v1 ServiceAccount op") == nil {
		t.Error("the operator is gone before its object")
	}
	state := p.state()
	if newest := state.Revisions[0]; newest.Status != history.Failed || newest.Action != "uninstall" {
		t.Errorf("the revision is %+v", newest)
	}
	if i := slices.IndexFunc(state.Inventory, func(i api.Item) bool { return i.Kind == "Pot" }); i < 0 || !strings.Contains(state.Inventory[i].Why, "example.com/wash") {
		t.Errorf("the record has %+v", state.Inventory)
	}

	// The operator does its work while it is waited for; then the same again goes on.
	s, _ = p.removing(Request{}, time.Minute, func(w ready.Waiting) {
		if w.Kind == "Pot" && w.Why != "" {
			if p.live("apps/v1 Deployment op") == nil {
				t.Error("the operator is gone before its object")
			}
			p.release(p.pots(p.id.Namespace) + "/a")
		}
	})
	err = s.Apply(t.Context(), nil)
	if err == nil {
		err = s.Gone(t.Context())
	}
	if err := errors.Join(err, s.Finish(t.Context(), err)); err != nil {
		t.Fatal(err)
	}
	if p.live("apps/v1 Deployment op") != nil || len(p.state().Revisions) > 0 {
		t.Error("something is left")
	}
}

// TestServerPurgeFinalizers takes away a definition of which somebody else has an
// object: it goes before the operator, and what holds it is named.
func TestServerPurgeFinalizers(t *testing.T) {
	p := somewhere(t)
	other := newNamespace(t, p.Cluster)
	p.install(crd+operator, Request{})
	p.Reset()
	p.stranger(strings.Replace(held, "name: a,", "name: b, namespace: "+other+",", 1))
	_, gone := p.removing(Request{}, time.Second, nil)
	if n := gone.CRDs; len(n) != 1 || !n[0].Stays || n[0].Others != "1 object that is not of web: Pot "+other+"/b" {
		t.Errorf("without purge: %+v", n)
	}
	if err := p.interrupt(t.Context(), p.id); err != nil {
		t.Fatal(err)
	}
	s, gone := p.removing(Request{Purge: true}, 2*time.Second, nil)
	if n := gone.CRDs; len(n) != 1 || n[0].Stays || n[0].Others != "1 object that is not of web: Pot "+other+"/b" {
		t.Errorf("with purge: %+v", n)
	}
	err := s.Apply(t.Context(), nil)
	if !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "; Pot "+other+"/b is not gone, held by the finalizers example.com/wash") {
		t.Errorf("got %v", err)
	}
	if err := s.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	if p.live("apps/v1 Deployment op") == nil {
		t.Error("the operator is gone before its definition")
	}
	p.release(p.pots(other) + "/b")
	gone = p.uninstall(Request{Purge: true})
	if err := p.WaitGone(t.Context(), gone.Deleted(), time.Minute); err != nil {
		t.Error(err)
	}
}

// TestServerUpgradeFinalizers has an upgrade that drops an object which does not go:
// what is new is installed, and what stays is known until it is gone.
func TestServerUpgradeFinalizers(t *testing.T) {
	p := somewhere(t)
	two := settings + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: keep, finalizers: [example.com/keep]}\n"
	p.install(two, Request{})
	upgrade := func(limit time.Duration) (*Plan, error) {
		plan := p.plan(settings, Request{Upgrade: true})
		s, err := p.Begin(t.Context(), plan, history.Record{Action: "upgrade", Version: "2.0.0"}, p.here)
		if err != nil {
			t.Fatal(err)
		}
		s.Patience(limit, nil)
		outcome := s.Apply(t.Context(), nil)
		if outcome == nil && limit > 0 {
			outcome = s.Wait(t.Context())
		}
		if err := s.Finish(t.Context(), outcome); err != nil {
			t.Fatal(err)
		}
		return plan, outcome
	}
	keeps := func(state history.State) {
		t.Helper()
		if i := slices.IndexFunc(state.Inventory, func(i api.Item) bool { return i.Name == "keep" }); i < 0 || !strings.Contains(state.Inventory[i].Why, "example.com/keep") {
			t.Errorf("the record has %+v", state.Inventory)
		}
	}
	_, err := upgrade(time.Second)
	var late *ready.Error
	if !errors.As(err, &late) || !late.OnlyStays() || !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "ConfigMap "+p.id.Namespace+"/keep: it is still there, held by the finalizers example.com/keep") {
		t.Errorf("got %v", err)
	}
	state := p.state()
	if newest := state.Revisions[0]; newest.Status != history.Installed || newest.Version != "2.0.0" {
		t.Errorf("the revision is %+v", newest)
	}
	keeps(state)
	plan, err := upgrade(0) // nobody waits
	if e := plan.Entries[len(plan.Entries)-1]; err != nil || !plan.Idle() || plan.Empty() || !e.Leaving || !strings.Contains(e.Reason, "example.com/keep") {
		t.Errorf("again: %v, of\n%s", err, summary(plan))
	}
	keeps(p.state())
	p.release(core(p, "configmaps/keep"))
	if plan, err = upgrade(time.Minute); err != nil || !plan.Empty() {
		t.Errorf("at last: %v, of\n%s", err, summary(plan))
	}
	if state := p.state(); len(state.Inventory) != 1 {
		t.Errorf("the record has %+v", state.Inventory)
	}
}

// TestServerReplacementHeld replaces an object that does not go.
func TestServerReplacementHeld(t *testing.T) {
	p := somewhere(t)
	job := strings.Replace(immutableJob, "name: once", "name: once, finalizers: [example.com/keep]", 1)
	p.install(job, Request{})
	plan := p.plan(strings.Replace(job, "image: ", "image: other-", 1), Request{Upgrade: true})
	s, err := p.Begin(t.Context(), plan, history.Record{Action: "upgrade", Version: "2.0.0"}, p.here)
	if err != nil {
		t.Fatal(err)
	}
	s.Patience(time.Second, nil)
	err = s.Apply(t.Context(), nil)
	if !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "example.com/keep") {
		t.Errorf("got %v, of\n%s", err, summary(plan))
	}
	if err := s.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	if newest := p.state().Revisions[0]; newest.Status != history.Failed {
		t.Errorf("the revision is %+v", newest)
	}
	p.release("/apis/batch/v1/namespaces/" + p.id.Namespace + "/jobs/once")
}
