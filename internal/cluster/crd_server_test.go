package cluster

import (
	"errors"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pots.NS.example.com}
spec:
  group: NS.example.com
  scope: Namespaced
  names: {kind: Pot, plural: pots, singular: pot}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, maximum: 10}, lid: {type: string}}}
---
`

const pot = "apiVersion: NS.example.com/v1\nkind: Pot\nmetadata: {name: a}\nspec: {size: 3}\n"

// TestServerCRD installs a CRD with an object of it, upgrades it, and takes it
// away.
func TestServerCRD(t *testing.T) {
	p := somewhere(t)
	name := "pots." + p.id.Namespace + ".example.com"
	path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + name
	t.Cleanup(func() { erase(t, p.Cluster, path) })
	if err := p.plan(pot, Request{}).Err(); err == nil {
		t.Error("an object without its CRD is planned")
	}
	bad := p.plan(crd+strings.Replace(pot, "size: 3", "size: 33", 1)+"---\n"+settings, Request{})
	if err := p.carry(bad, "install"); !errors.Is(err, api.ErrRefused) || !strings.Contains(err.Error(), "checking Pot") {
		t.Errorf("an object that the CRD forbids: %v", err)
	}
	if p.live("v1 ConfigMap settings") != nil {
		t.Error("other stages were applied")
	}
	p.uninstall(Request{Purge: true})
	if err := p.WaitGone(t.Context(), []api.Ref{{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Namespace: "", Name: name}}, api.DefaultTimeout); err != nil {
		t.Fatal(err)
	}
	p.Reset()

	plan := p.install(crd+pot, Request{})
	if got := summary(plan); !strings.Contains(got, "added Pot a offline\n") {
		t.Errorf("the plan is\n%s", got)
	}
	if p.live(p.id.Namespace+".example.com/v1 Pot a") == nil {
		t.Error("there is no pot")
	}
	if again := p.plan(crd+pot, Request{}); !again.Empty() {
		t.Errorf("again\n%s", summary(again))
	}

	two := strings.Replace(crd, "  - name: v1\n", "  - name: v2\n    served: true\n    storage: false\n    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}\n  - name: v1\n", 1)
	moved := strings.NewReplacer("/v1", "/v2", "size: 3", "size: 4").Replace(pot)
	uid := object.Text(p.live(p.id.Namespace+".example.com/v1 Pot a"), "metadata", "uid")
	plan = p.install(two+moved, Request{Upgrade: true})
	if e := plan.Entries[1]; e.Action != Changed || !e.Offline || e.UID != uid {
		t.Errorf("moved to another version: %+v", e)
	}
	if o := p.live(p.id.Namespace + ".example.com/v1 Pot a"); object.Number(o, "spec", "size") != 4 || object.Text(o, "metadata", "uid") != uid {
		t.Errorf("the pot is %v", o)
	}
	plan = p.plan(crd+pot, Request{Upgrade: true})
	if plan.Err() != nil || !strings.Contains(marshal(t, plan.CRDs), "v2 is no longer served") {
		t.Errorf("moved back: %v, %v", plan.Err(), plan.CRDs)
	}

	narrow := strings.NewReplacer("maximum: 10", "maximum: 5", ", lid: {type: string}", "").Replace(crd)
	plan = p.plan(narrow+pot, Request{Upgrade: true})
	got := marshal(t, plan.CRDs)
	if plan.Err() != nil || !strings.Contains(got, "lid is gone (1 object of it)") || !strings.Contains(got, "maximum 5") {
		t.Errorf("narrowed: %v, %s", plan.Err(), got)
	}
	renamed := strings.Replace(crd, "name: v1\n", "name: v2\n", 1)
	plan = p.plan(renamed, Request{Upgrade: true})
	if err := plan.Err(); !errors.Is(err, api.ErrConflict) || plan.Refusals[0].Code != CodeCRD {
		t.Errorf("the stored version is gone: %v", err)
	}

	last := p.uninstall(Request{})
	if got := summary(last); !strings.Contains(got, "kept CustomResourceDefinition "+name) || !strings.Contains(marshal(t, last.CRDs), "1 object of it") {
		t.Errorf("uninstalled\n%s%v", got, last.CRDs)
	}
	if p.live("apiextensions.k8s.io/v1 CustomResourceDefinition "+name) == nil {
		t.Error("the CRD is gone")
	}
}
