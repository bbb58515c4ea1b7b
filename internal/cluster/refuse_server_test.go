package cluster

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/errcode"
)

const immutableJob = `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec: {restartPolicy: Never, terminationGracePeriodSeconds: 1, containers: [{name: once, image: "x:1"}]}
`

// TestServerRefusals has the server refuse, in the plan, what it would refuse in
// the middle of an apply.
func TestServerRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		before, yaml string
		code         Code
		class        error
		words        string
	}{
		"unknown kind":    {"", "apiVersion: v1\nkind: Pot\nmetadata: {name: a}\n", CodeInvalid, api.ErrRefused, "no kind Pot in v1"},
		"removed version": {"", "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n", CodeInvalid, api.ErrRefused, "Kubernetes 1.16 removed it: write apps/v1"},
		"other version":   {"", "apiVersion: apps/v2\nkind: Deployment\nmetadata: {name: a}\n", CodeInvalid, api.ErrRefused, "but in apps/v1"},
		"unknown field":   {"", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ncolour: red\n", CodeInvalid, api.ErrRefused, "colour"},
		"invalid value":   {"", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 99999}]}\n", CodeInvalid, api.ErrRefused, "99999"},
		"twice":           {"", settings + "---\n" + settings, CodeInvalid, api.ErrRefused, "there twice, first in manifests/all.yaml:1"},
		"no namespace":    {"", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: NS-not}\n", CodeNamespace, api.ErrNotFound, "there is no namespace"},
		"shrunken claim":  {webV1, strings.Replace(webV1, "1Gi", "1Mi", 1), CodeInvalid, api.ErrRefused, "files"},
		"claim's mode":    {webV1, strings.Replace(webV1, "ReadWriteOnce", "ReadOnlyMany", 1), CodeInvalid, api.ErrRefused, "files"},
		"pods without it": {"", strings.Replace(webV1, "matchLabels: {app: web}", "matchLabels: {app: not}", 1), CodeInvalid, api.ErrRefused, "selector"},
	} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			if c.before != "" {
				p.install(c.before, Request{})
			}
			plan := p.plan(c.yaml, Request{})
			err := plan.Err()
			if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.words) {
				t.Fatalf("got %v", err)
			}
			if len(plan.Refusals) != 1 || plan.Refusals[0].Code != c.code {
				t.Errorf("refusals are %+v", plan.Refusals)
			}
			if c.before == "" && p.count(api.RecordType) != 0 {
				t.Error("something was written")
			}
		})
	}
}

const claimingSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "x:1"}]}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
`

// TestServerReplaces makes an object again whose field cannot be changed.
func TestServerReplaces(t *testing.T) {
	p := somewhere(t)
	p.install(immutableJob, Request{})
	before := p.live("batch/v1 Job once")
	plan := p.install(strings.Replace(immutableJob, "x:1", "x:2", 1), Request{Upgrade: true})
	if e := plan.Entries[0]; e.Action != Replaced || !e.Offline || !strings.Contains(e.Reason, "immutable") {
		t.Errorf("the plan is %+v", e)
	}
	if reason := plan.Entries[0].Reason; reason != "spec.template: field is immutable" {
		t.Errorf("the reason is %s", reason)
	}
	after := p.live("batch/v1 Job once")
	if object.Text(before, "metadata", "uid") == object.Text(after, "metadata", "uid") {
		t.Error("it is the same object")
	}
	if got := p.state().Inventory[0].UID; got != object.Text(after, "metadata", "uid") {
		t.Errorf("the record has %s", got)
	}

	q := somewhere(t)
	q.install(claimingSet, Request{})
	plan = q.install(strings.Replace(claimingSet, "1Gi", "2Gi", 1), Request{Upgrade: true})
	if plan.Count(Replaced) != 1 || !strings.Contains(marshal(t, plan.Volumes), "1Gi -\\u003e 2Gi") {
		t.Errorf("the plan is\n%s%v", summary(plan), plan.Volumes)
	}
}

// TestServerNamespaces has the namespace missing, made, coming with the plan, and
// terminating.
func TestServerNamespaces(t *testing.T) {
	p := somewhere(t)
	gone := p
	gone.id.Namespace += "-new"
	if err := gone.plan(settings, Request{}).Err(); !errors.Is(err, api.ErrNotFound) || !errcode.Has(err, errcode.NoNamespace) {
		t.Errorf("missing: %v", err)
	}
	t.Cleanup(func() { erase(t, p.Cluster, "/api/v1/namespaces/"+gone.id.Namespace) })
	plan := gone.plan(webV1, Request{CreateNamespace: true})
	if !plan.CreateNamespace || !plan.Entries[0].Offline {
		t.Errorf("the plan is\n%s", summary(plan))
	}
	if err := gone.carry(plan, "install"); err != nil {
		t.Fatal(err)
	}
	if again := gone.plan(webV1, Request{CreateNamespace: true}); !again.Empty() {
		t.Errorf("again\n%s", summary(again))
	}
	gone.uninstall(Request{})
	if p.live("v1 Namespace "+gone.id.Namespace) == nil {
		t.Error("the namespace is gone")
	}

	own := p
	own.id.Namespace += "-own"
	t.Cleanup(func() { erase(t, p.Cluster, "/api/v1/namespaces/"+own.id.Namespace) })
	brought := "apiVersion: v1\nkind: Namespace\nmetadata: {name: NS}\n---\n" + settings
	first := own.install(brought, Request{})
	if got := summary(first); !strings.Contains(got, "added ConfigMap settings offline") {
		t.Errorf("with its namespace\n%s", got)
	}
	if again := own.plan(brought, Request{}); !again.Empty() {
		t.Errorf("again\n%s", summary(again))
	}
	if last := own.uninstall(Request{}); !strings.Contains(summary(last), "everything in it would go") {
		t.Errorf("uninstalled\n%s", summary(last))
	}

	ending := somewhere(t)
	ending.stranger("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: holds, finalizers: [example.com/hold]}\n")
	erase(t, p.Cluster, "/api/v1/namespaces/"+ending.id.Namespace)
	var err error
	says := func(context.Context) (bool, error) { // the namespace, after a while
		err = ending.plan(settings, Request{}).Err()
		return err == nil || strings.Contains(err.Error(), "example.com/hold"), nil
	}
	if unsaid := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, says); unsaid != nil {
		t.Error(unsaid)
	}
	if err == nil || !strings.Contains(err.Error(), "is being deleted; ") || !strings.Contains(err.Error(), "example.com/hold in 1 resource instances: wait until it is gone") {
		t.Errorf("terminating: %v", err)
	}
	_, err = p.Do(t.Context(), api.Request{Method: http.MethodPatch, Path: core(ending, "configmaps/holds"), ContentType: string(types.MergePatchType), Body: map[string]any{"metadata": map[string]any{"finalizers": nil}}})
	if err != nil {
		t.Error(err)
	}
}

// TestServerQuota runs out of quota in the middle, and goes on when there is
// more.
func TestServerQuota(t *testing.T) {
	p := somewhere(t)
	quota := "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {count/services: '%'}}\n"
	p.stranger(strings.Replace(quota, "%", "1", 1))
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: %}\nspec: {ports: [{port: 80}]}\n---\n"
	both := strings.Replace(service, "%", "one", 1) + strings.Replace(service, "%", "two", 1) + settings
	var err error
	for range 20 { // the quota controller has to count first
		if err = p.carry(p.plan(both, Request{}), "install"); err != nil {
			break
		}
		p.uninstall(Request{})
	}
	if !errors.Is(err, api.ErrForbidden) || !strings.Contains(err.Error(), "exceeded quota") {
		t.Fatalf("got %v", err)
	}
	if r := p.state().Revisions[0]; r.Status != history.Failed {
		t.Errorf("the revision is %s", r.Status)
	}
	p.stranger(strings.Replace(quota, "%", "9", 1))
	for range 50 {
		if err = p.carry(p.plan(both, Request{}), "install"); err == nil {
			break
		}
	}
	if err != nil || !p.plan(both, Request{}).Empty() {
		t.Errorf("afterwards: %v", err)
	}
}

// TestServerForbidden plans as somebody who may do less.
func TestServerForbidden(t *testing.T) {
	p := somewhere(t)
	p.stranger(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: bob}
rules:
- {apiGroups: [""], resources: [configmaps, secrets], verbs: [get, list, create, patch, delete]}
- {apiGroups: [""], resources: [services], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: bob}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: bob}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]
`)
	bob := p
	bob.Cluster = connect(t, api.Options{As: "bob", AsGroups: []string{"system:authenticated"}})
	if got := bob.WhoAmI(t.Context()); got != "bob" {
		t.Errorf("we are %q", got)
	}
	bob.install(settings, Request{})
	if err := bob.plan(webV1, Request{}).Err(); !errors.Is(err, api.ErrForbidden) || !strings.Contains(err.Error(), `cannot get resource "deployments"`) {
		t.Errorf("got %v", err)
	}
	service := settings + "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n"
	if err := bob.plan(service, Request{}).Err(); !errors.Is(err, api.ErrForbidden) || !strings.Contains(err.Error(), "cannot patch") {
		t.Errorf("may read, not write: %v", err)
	}
	if p.live("v1 Service s") != nil {
		t.Error("it is there")
	}
	carol := p
	carol.Cluster = connect(t, api.Options{As: "carol"})
	if _, err := carol.State(t.Context(), carol.id); !errors.Is(err, api.ErrForbidden) {
		t.Errorf("carol reads records: %v", err)
	}
}

// TestServerOutOfNamespace needs leave for what an upgrade adds elsewhere, and
// says which permissions it gives.
func TestServerOutOfNamespace(t *testing.T) {
	p, q := somewhere(t), somewhere(t)
	role := `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: role-NS}
rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]
---
`
	t.Cleanup(func() {
		erase(t, p.Cluster, "/apis/rbac.authorization.k8s.io/v1/clusterroles/role-"+p.id.Namespace)
	})
	p.install(settings, Request{})
	for name, yaml := range map[string]string{
		"cluster":   role + settings,
		"elsewhere": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: " + q.id.Namespace + "}\n---\n" + settings,
	} {
		plan := p.plan(yaml, Request{Upgrade: true})
		if err := plan.Err(); !errors.Is(err, api.ErrConflict) || plan.Refusals[0].Code != CodeClusterScoped || len(plan.Outside) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.install(role+settings, Request{Upgrade: true, AllowClusterScoped: true})
	more := strings.Replace(role, "[get]", "[get, delete]", 1)
	plan := p.plan(more+settings, Request{Upgrade: true})
	if err := plan.Err(); err != nil {
		t.Error(err)
	}
	if len(plan.Permissions) != 1 || !plan.Permissions[0].Wide || plan.Permissions[0].Text != "get, delete of deployments.apps" {
		t.Errorf("permissions are %+v", plan.Permissions)
	}
	p.uninstall(Request{})
}

// TestServerMasks looks for values of Secrets and overrides in all that a plan
// says.
func TestServerMasks(t *testing.T) {
	const canary, override = "canary-4711", "hunter2-override"
	p := somewhere(t)
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: " + canary + "}\n---\n"
	p.install(secret, Request{})
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {a: " + override + "}}\nspec: {type: '" + override + "', ports: [{port: 80}]}\n---\n"
	leak := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: leak}\ndata: {copy: 'url?" + canary + "x'}\n---\n"
	p.install(secret+leak, Request{})
	plan := p.plan(strings.Replace(secret, canary, canary+"-new", 1)+service+strings.Replace(leak, "url", "URL", 1), Request{Hide: []string{override}})
	said := summary(plan) + marshal(t, plan) + plan.Err().Error()
	for _, v := range []string{canary, override, "Y2FuYXJ5LTQ3MTE"} {
		if strings.Contains(said, v) {
			t.Errorf("%s is in\n%s", v, said)
		}
	}
	if !strings.Contains(said, "~ .data.k: (hidden ") || !strings.Contains(said, "URL?(hidden)") {
		t.Errorf("the plan says\n%s", said)
	}
}

// TestServerKubeconfigs asks for clusters that are not there.
func TestServerKubeconfigs(t *testing.T) {
	c := connect(t, api.Options{})
	if !strings.HasPrefix(c.Version, "v1.") || c.WhoAmI(t.Context()) == "" || c.Namespace != "default" {
		t.Errorf("connected to %s as %s in %s", c.Version, c.WhoAmI(t.Context()), c.Namespace)
	}
	if _, err := api.Connect(t.Context(), api.Options{Kubeconfig: []string{os.Getenv("KPM_E2E_KUBECONFIG")}, Context: "not"}); !errors.Is(err, api.ErrNotFound) {
		t.Errorf("another context: %v", err)
	}
}
