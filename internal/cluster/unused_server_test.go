package cluster

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// halfway is a Kube of which the first stage is applied, and then an object refused:
// the server could not be asked about it before.
const halfway = `apiVersion: v1
kind: Namespace
metadata: {name: NS-half}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: mugs.NS.example.com}
spec:
  group: NS.example.com
  scope: Namespaced
  names: {kind: Mug, plural: mugs}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: in, namespace: NS-half}
---
apiVersion: NS.example.com/v1
kind: Mug
metadata: {name: mug, namespace: NS-half}
spec: text
`

// failHalfway has the first installation fail, and returns what it has left.
func (p place) failHalfway() (crd, namespace string) {
	p.t.Helper()
	plan := p.plan(halfway, Request{})
	if err := plan.Err(); err != nil {
		p.t.Fatal(err)
	}
	if err := p.carry(plan, "install"); err == nil || !strings.Contains(err.Error(), "Mug") {
		p.t.Fatalf("it is installed: %v", err)
	}
	crd, namespace = "apiextensions.k8s.io/v1 CustomResourceDefinition mugs."+p.id.Namespace+".example.com", "v1 Namespace "+p.id.Namespace+"-half"
	p.t.Cleanup(func() {
		erase(p.t, p.Cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/mugs."+p.id.Namespace+".example.com")
		erase(p.t, p.Cluster, "/api/v1/namespaces/"+p.id.Namespace+"-half")
	})
	if p.live(crd) == nil || p.live(namespace) == nil {
		p.t.Fatal("nothing is left to be taken away")
	}
	return crd, namespace
}

// TestServerUninstallsHalf takes away all that an installation has made which failed
// half-way, also what otherwise stays.
func TestServerUninstallsHalf(t *testing.T) {
	p := somewhere(t)
	crd, namespace := p.failHalfway()
	plan := p.uninstall(Request{})
	if plan.Count(Removed) != 2 || plan.Count(Kept) != 0 {
		t.Errorf("the plan is\n%s", summary(plan))
	}
	if p.stands(crd) || p.stands(namespace) {
		t.Error("something is left")
	}
	if s := p.state(); len(s.Revisions) > 0 {
		t.Error("records are left")
	}
}

// stands tells whether an object is there that is not even being deleted.
func (p place) stands(what string) bool {
	o := p.live(what)
	return o != nil && object.Text(o, "metadata", "deletionTimestamp") == ""
}

// TestServerUninstallsHalfUsed leaves what somebody else uses by then.
func TestServerUninstallsHalfUsed(t *testing.T) {
	p := somewhere(t)
	crd, namespace := p.failHalfway()
	p.Reset()
	p.stranger("apiVersion: NS.example.com/v1\nkind: Mug\nmetadata: {name: theirs}\nspec: {}\n")
	p.stranger("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs, namespace: NS-half}\n")
	plan := p.uninstall(Request{})
	if plan.Count(Removed) != 0 || plan.Count(Kept) != 2 {
		t.Errorf("the plan is\n%s", summary(plan))
	}
	if !p.stands(crd) || !p.stands(namespace) {
		t.Error("something is gone")
	}
}

// TestServerUninstallsHalfMeanwhile has somebody begin to use it after the plan.
func TestServerUninstallsHalfMeanwhile(t *testing.T) {
	p := somewhere(t)
	crd, _ := p.failHalfway()
	plan, err := p.PlanUninstall(t.Context(), p.asRecorded(Request{Installation: p.id}, p.state()))
	if err != nil {
		t.Fatal(err)
	}
	p.Reset()
	p.stranger("apiVersion: NS.example.com/v1\nkind: Mug\nmetadata: {name: theirs}\nspec: {}\n")
	if err := p.Apply(t.Context(), plan, nil); err == nil || !strings.Contains(err.Error(), "somebody uses it since the plan") {
		t.Errorf("got %v", err)
	}
	if !p.stands(crd) {
		t.Error("the CRD is gone")
	}
}

// TestServerUninstallsInstalled leaves definitions and namespaces of what was
// installed once, as ever.
func TestServerUninstallsInstalled(t *testing.T) {
	p := somewhere(t)
	p.t.Cleanup(func() {
		erase(p.t, p.Cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/mugs."+p.id.Namespace+".example.com")
		erase(p.t, p.Cluster, "/api/v1/namespaces/"+p.id.Namespace+"-half")
	})
	p.install(strings.Replace(halfway, "spec: text", "spec: {}", 1), Request{})
	if plan := p.uninstall(Request{}); plan.Count(Kept) != 2 {
		t.Errorf("the plan is\n%s", summary(plan))
	}
}
