package cluster

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// guard is a webhook that has to agree to all that is done to pots, and that
// nobody answers for.
const guard = `
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NS}
webhooks:
- name: pots.NS.example.com
  sideEffects: None
  admissionReviewVersions: [v1]
  clientConfig: {service: {namespace: NS, name: nobody}}
  rules: [{apiGroups: [NS.example.com], apiVersions: [v1], resources: [pots], operations: [CREATE, UPDATE, DELETE]}]
`

// TestServerWebhooks installs an object together with a webhook that refuses it
// from then on, and takes both away.
func TestServerWebhooks(t *testing.T) {
	p := somewhere(t)
	t.Cleanup(func() {
		erase(t, p.Cluster, "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/"+p.id.Namespace)
		erase(t, p.Cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pots."+p.id.Namespace+".example.com")
	})
	plan := p.install(crd+pot+guard, Request{})
	if last := plan.Entries[len(plan.Entries)-1]; last.Kind != "ValidatingWebhookConfiguration" {
		t.Errorf("the last one is %s", last.Ref)
	}
	told := false
	for start := time.Now(); !told && time.Since(start) < time.Minute; { // the server has to notice first
		plan = p.plan(crd+pot+guard, Request{})
		told = strings.Contains(summary(plan), "unchanged Pot a: its webhook does not answer")
	}
	if !told || plan.Err() != nil {
		t.Errorf("the webhook does not stand in the way: %v, of\n%s", plan.Err(), summary(plan))
	}
	p.unguard()
	p.install(crd+strings.Replace(pot, "size: 3", "size: 4", 1)+guard, Request{}) // with the webhook again
	gone := p.uninstall(Request{Purge: true})
	if got := summary(gone); !strings.HasPrefix(got, "removed Pot a") || !strings.Contains(got, "\nremoved ValidatingWebhookConfiguration") {
		t.Errorf("what must be finalized is not the first to go:\n%s", got)
	}
	if err := p.WaitGone(t.Context(), gone.Deleted(), time.Minute); err != nil {
		t.Error(err)
	}
}

// unguard changes what a webhook of the installation guards. The webhook does not
// answer while the change is planned, and is away soon after it is applied.
func (p place) unguard() {
	p.t.Helper()
	changed := strings.Replace(pot, "size: 3", "size: 4", 1)
	plan := p.plan(crd+changed+guard+"---\n"+settings, Request{})
	if got := summary(plan); plan.Err() != nil || !strings.Contains(got, "changed Pot a offline\n") {
		p.t.Errorf("the plan is %v\n%s", plan.Err(), got)
	}
	s, err := p.Begin(p.t.Context(), plan, history.Record{Action: "upgrade", Version: "1.0.0"}, p.here)
	if err != nil {
		p.t.Fatal(err)
	}
	outcome := s.Apply(p.t.Context(), func(e apply.Event) {
		if e.Kind == "ConfigMap" {
			erase(p.t, p.Cluster, "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/"+p.id.Namespace)
		}
	})
	if err := errors.Join(outcome, s.Finish(p.t.Context(), outcome)); err != nil {
		p.t.Error(err)
	}
	if live := p.live(p.id.Namespace + ".example.com/v1 Pot a"); object.Number(live, "spec", "size") != 4 {
		p.t.Errorf("the pot is %v", live["spec"])
	}
}

// TestServerOwnNamespace takes away a namespace in which the record lies.
func TestServerOwnNamespace(t *testing.T) {
	p := somewhere(t)
	p.id.Namespace += "-own"
	t.Cleanup(func() { erase(t, p.Cluster, "/api/v1/namespaces/"+p.id.Namespace) })
	p.install("apiVersion: v1\nkind: Namespace\nmetadata: {name: NS}\n---\n"+settings, Request{})
	plan, err := p.PlanUninstall(t.Context(), p.asRecorded(Request{Installation: p.id, Purge: true}, p.state()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Begin(t.Context(), plan, history.Record{Action: "uninstall", Version: "1.0.0"}, p.here)
	if err != nil {
		t.Fatal(err)
	}
	outcome := s.Apply(t.Context(), nil)
	if outcome == nil {
		outcome = p.WaitGone(t.Context(), plan.Deleted(), time.Minute)
	}
	if err := errors.Join(outcome, s.Finish(t.Context(), outcome)); err != nil {
		t.Error(err)
	}
	if s := p.state(); len(s.Revisions) > 0 || p.live("v1 Namespace "+p.id.Namespace) != nil {
		t.Errorf("there are still records: %v", s.Revisions)
	}
}
