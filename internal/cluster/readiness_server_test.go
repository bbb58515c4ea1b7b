package cluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// set is a DaemonSet or a StatefulSet whose pods nobody but a user replaces.
const set = `
apiVersion: apps/v1
kind: KIND
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  updateStrategy: {type: OnDelete}
  template:
    metadata: {labels: {app: web}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: web, image: "nginx:1"}]}
`

// TestServerOnDelete upgrades sets with updateStrategy OnDelete: they are done when
// the new template is stored, but not before there are pods.
func TestServerOnDelete(t *testing.T) {
	for _, kind := range []string{"DaemonSet", "StatefulSet"} {
		t.Run(kind, func(t *testing.T) {
			p := somewhere(t)
			first := strings.Replace(set, "KIND", kind, 1)
			nowhere := strings.Replace(first, "spec: {term", "spec: {nodeSelector: {no: where}, term", 1)
			if kind == "DaemonSet" {
				nowhere = strings.Replace(first, "spec: {term", "spec: {schedulerName: nobody, term", 1)
			}
			plan := p.install(nowhere, Request{})
			if err := p.Wait(t.Context(), plan.Applied(), 3*time.Second, nil); !errors.Is(err, api.ErrTimeout) {
				t.Errorf("without pods: %v", err)
			}
			p.uninstall(Request{})
			plan = p.install(first, Request{})
			if err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil); err != nil {
				t.Fatal(err)
			}
			plan = p.install(strings.Replace(first, "nginx:1", "nginx:2", 1), Request{Upgrade: true})
			if err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil); err != nil {
				t.Error(err)
			}
			seen, err := ready.Readiness(t.Context(), p.Client, plan.Applied())
			if err != nil || seen[0].Why != "" || !strings.Contains(seen[0].Note, "of before: each is replaced when it is deleted") {
				t.Errorf("looked at as %+v, %v", seen, err)
			}
		})
	}
}

// TestServerPaused has a Deployment that somebody has paused, and one that its Kube
// pauses.
func TestServerPaused(t *testing.T) {
	p := somewhere(t)
	p.ready.Grace = time.Second
	web := strings.Replace(pending, "schedulerName: nobody, ", "", 1)
	if err := p.Wait(t.Context(), p.install(web, Request{}).Applied(), time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	path := "/apis/apps/v1/namespaces/" + p.id.Namespace + "/deployments/web"
	if _, err := p.Do(t.Context(), api.Request{Method: http.MethodPatch, Path: path, ContentType: string(types.MergePatchType), Body: map[string]any{"spec": map[string]any{"paused": true}}}); err != nil {
		t.Fatal(err)
	}
	plan := p.install(strings.Replace(web, "nginx:1", "nginx:2", 1), Request{Upgrade: true})
	err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil)
	if err == nil || errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "kubectl rollout resume deployment/web -n "+p.id.Namespace) {
		t.Errorf("paused by somebody: %v", err)
	}
	if b, err := ready.Explain(t.Context(), p.Client, plan.Applied()[0]); err != nil || !strings.HasPrefix(b.Why, "DeploymentPaused") {
		t.Errorf("explained as %+v, %v", b, err)
	}

	q := somewhere(t)
	plan = q.install(strings.Replace(web, "spec:\n  selector", "spec:\n  paused: true\n  selector", 1), Request{})
	if err := q.Wait(t.Context(), plan.Applied(), time.Minute, nil); err != nil {
		t.Errorf("paused by its Kube: %v", err)
	}
}

// TestServerNotReady has objects of kinds that were once ready as soon as they were
// stored.
func TestServerNotReady(t *testing.T) {
	for name, c := range map[string]struct{ object, why string }{
		"APIService": {`
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.NS.example.com}
spec: {group: NS.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {namespace: NS, name: nobody}}
`, `service/nobody in "NS" is not present`},
		"ReplicationController": {`
apiVersion: v1
kind: ReplicationController
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  template:
    metadata: {labels: {app: web}}
    spec: {nodeSelector: {no: where}, containers: [{name: web, image: "nginx:1"}]}
`, "Unschedulable"},
	} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			plan := p.install(c.object, Request{})
			err := p.Wait(t.Context(), plan.Applied(), 3*time.Second, nil)
			if want := strings.ReplaceAll(c.why, "NS", p.id.Namespace); !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			p.uninstall(Request{}) // no namespace could be deleted while an API is without its server
		})
	}

	p := somewhere(t)
	plan := p.install("apiVersion: v1\nkind: Pod\nmetadata: {name: once, labels: {app: web}}\nspec: {schedulerName: nobody, restartPolicy: Never, containers: [{name: web, image: 'nginx:1'}]}\n", Request{})
	p.kubelet(map[string]any{"phase": "Failed", "message": "out of luck"})
	if err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil); err == nil || errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("a Pod that failed: %v", err)
	}
}

// TestServerVersionGone looks at an object in a version that the cluster served once.
func TestServerVersionGone(t *testing.T) {
	p := somewhere(t)
	jars := strings.NewReplacer("JARS", "jars."+p.id.Namespace+".example.com", "NS", p.id.Namespace).Replace(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: JARS}
spec:
  group: NS.example.com
  scope: Namespaced
  names: {kind: Jar, plural: jars}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`)
	old := "apiVersion: NS.example.com/v1beta1\nkind: Jar\nmetadata: {name: one}\n"
	p.stranger(jars)
	p.serves("v1beta1", true)
	plan := p.install(old, Request{})
	p.stranger(strings.Replace(jars, "v1beta1, served: true", "v1beta1, served: false", 1))
	p.serves("v1beta1", false)
	if err := p.Wait(t.Context(), plan.Applied(), 5*time.Second, nil); err != nil {
		t.Errorf("waiting: %v", err)
	}
	if seen, err := ready.Readiness(t.Context(), p.Client, plan.Applied()); err != nil || seen[0].Why != "" {
		t.Errorf("looked at as %+v, %v", seen, err)
	}
	if b, err := ready.Explain(t.Context(), p.Client, plan.Applied()[0]); err != nil || b.Why != "" && !strings.Contains(b.Why, "current") {
		t.Errorf("explained as %+v, %v", b, err)
	}
	if err := p.plan(old, Request{}).Err(); !errors.Is(err, api.ErrRefused) || !strings.Contains(err.Error(), "but in "+p.id.Namespace+".example.com/v1") {
		t.Errorf("applied again: %v", err)
	}
	back := p.plan(old+"spec: {size: 3}\n", Request{Formerly: true})
	if got := summary(back); back.Err() != nil || !strings.Contains(got, "changed Jar one: as "+p.id.Namespace+".example.com/v1, because the cluster no longer serves "+p.id.Namespace+".example.com/v1beta1") {
		t.Errorf("gone back to: %v, of\n%s", back.Err(), got)
	}
	if err := p.carry(back, "rollback"); err != nil || object.Number(p.live(p.id.Namespace+".example.com/v1 Jar one"), "spec", "size") != 3 {
		t.Errorf("gone back to: %v", err)
	}
	gone := p.uninstall(Request{})
	if err := p.WaitGone(t.Context(), gone.Deleted(), time.Minute); err != nil || len(gone.Deleted()) != 1 {
		t.Errorf("uninstalled %v: %v", gone.Deleted(), err)
	}
}

// serves waits until the server does, or does not, serve Jars in a version.
func (p place) serves(version string, want bool) {
	p.t.Helper()
	err := wait.PollUntilContextTimeout(p.t.Context(), 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		p.Reset()
		_, err := p.Resource(ctx, p.id.Namespace+".example.com/"+version, "Jar")
		return (err == nil) == want, nil
	})
	if err != nil {
		p.t.Fatalf("the server serves %s: %v; want %t", version, err, want)
	}
}
