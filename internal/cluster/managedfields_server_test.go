package cluster

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// tool writes objects as a tool of deployment does: with POST, or by an apply.
func (p place) tool(manager, yaml string) {
	p.t.Helper()
	for _, o := range p.decode(yaml) {
		r, err := p.Resource(p.t.Context(), o.APIVersion, o.Kind)
		if err != nil {
			p.t.Fatal(err)
		}
		_, err = p.Do(p.t.Context(), api.Request{
			Method: http.MethodPost, Path: r.Path(p.id.Namespace, ""), Query: url.Values{"fieldManager": {manager}}, Body: o.Value,
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// edit changes an object as kubectl edit does.
func (p place) edit(manager, path, body string) {
	p.t.Helper()
	_, err := p.Do(p.t.Context(), api.Request{
		Method: http.MethodPatch, Path: path, Query: url.Values{"fieldManager": {manager}}, ContentType: "application/strategic-merge-patch+json", Body: json.RawMessage(body),
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// app is a Deployment with what is put in for the words.
func app(spec, containers, volumes string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  selector: {matchLabels: {app: a}}\n" + spec +
		"  template:\n    metadata: {labels: {app: a}}\n    spec:\n      containers:\n" + containers + volumes
}

const (
	main1 = "      - {name: m, image: nginx, env: [{name: A, value: '1'}, {name: B, value: '2'}], livenessProbe: {httpGet: {path: /, port: 80}}, ports: [{containerPort: 80}, {containerPort: 81, name: b}]}\n"
	main2 = "      - {name: m, image: nginx, env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], livenessProbe: {tcpSocket: {port: 80}}, ports: [{containerPort: 80}]}\n"
	side  = "      - {name: side, image: nginx}\n"
	vols1 = "      volumes: [{name: v, configMap: {name: settings}}, {name: w, emptyDir: {}}]\n"
	vols2 = "      volumes: [{name: v, secret: {secretName: s}}]\n"
)

// fields is what a test compares of a Deployment: what of an adopted one must be as
// if kpm had made it.
func podFields(o map[string]any) any {
	spec := runtime.DeepCopyJSON(object.Map(o, "spec"))
	delete(spec, "replicas")
	return spec
}

// TestServerAdopted has an object that a tool made drop fields in the next release,
// and become what a first installation of that release is.
func TestServerAdopted(t *testing.T) {
	v1, v2 := app("", main1+side, vols1), app("  strategy: {type: Recreate}\n", main2, vols2)
	want := somewhere(t)
	want.install(v2, Request{})
	for _, manager := range []string{"kubectl-client-side-apply", "kubectl-create", "helm", "apply"} {
		t.Run(manager, func(t *testing.T) {
			p := somewhere(t)
			if manager == "apply" {
				for _, o := range p.decode(v1) {
					r, _ := p.Resource(t.Context(), o.APIVersion, o.Kind)
					if _, _, err := p.ServerSideApply(t.Context(), api.Patch{Resource: r, Ref: api.Ref{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: p.id.Namespace, Name: o.Name}, Value: o.Value, Manager: "kubectl"}); err != nil {
						t.Fatal(err)
					}
				}
			} else {
				p.tool(manager, v1)
			}
			plan := p.install(v1, Request{Adopt: []string{"deployment/app"}})
			if stays := plan.Entries[0].Stays; len(stays) > 0 {
				t.Errorf("stay: %q", stays)
			}
			if again := p.plan(v1, Request{}); !again.Idle() {
				t.Errorf("again:\n%s", summary(again))
			}
			p.install(v2, Request{Upgrade: true})
			if diff := cmp.Diff(podFields(want.live("apps/v1 Deployment app")), podFields(p.live("apps/v1 Deployment app"))); diff != "" {
				t.Errorf("(-installed +adopted and upgraded):\n%s", diff)
			}
			if again := p.plan(v2, Request{}); !again.Idle() {
				t.Errorf("again:\n%s", summary(again))
			}
		})
	}
}

// TestServerAdoptedAtOnce adopts with what stands against what is there.
func TestServerAdoptedAtOnce(t *testing.T) {
	v1, v2 := app("", main1+side, vols1), app("  strategy: {type: Recreate}\n", main2, vols2)
	p := somewhere(t)
	p.tool("kubectl-client-side-apply", v1)
	plan := p.plan(v2, Request{Adopt: []string{"deployment/app"}})
	if err := plan.Err(); !errors.Is(err, api.ErrConflict) || !errcode.Has(err, errcode.OthersFields) {
		t.Errorf("without leave to change values: %v", err)
	}
	p.install(v2, Request{Adopt: []string{"deployment/app"}, ForceConflicts: true})
	o := p.live("apps/v1 Deployment app")
	c := object.List(o, "spec", "template", "spec", "containers")[0]
	env := object.List(c, "env")
	if len(env) != 2 || env[0]["value"] != nil || env[0]["valueFrom"] == nil || object.Map(c, "livenessProbe")["httpGet"] != nil || object.Map(o, "spec", "strategy")["rollingUpdate"] != nil {
		t.Errorf("it is now %v", object.Map(o, "spec"))
	}
	if plan = p.plan(v2, Request{}); !plan.Idle() {
		t.Errorf("again:\n%s", summary(plan))
	}
}

// TestServerAdoptedKeeps leaves to others what the Kube does not set, and says so.
func TestServerAdoptedKeeps(t *testing.T) {
	p := somewhere(t)
	p.tool("kubectl-create", strings.Replace(settings, "a: b", "a: b, c: d", 1))
	p.edit("kubectl-edit", core(p, "configmaps/settings"), `{"data": {"e": "f"}, "metadata": {"annotations": {"x.example/y": "z"}}}`)
	plan := p.install(settings, Request{Adopt: []string{"configmap/settings"}})
	want := []string{"kubectl-create: .data.c", `kubectl-edit: .data.e`, `kubectl-edit: .metadata.annotations["x.example/y"]`}
	if got := plan.Entries[0].Stays; !slices.Equal(got, want) {
		t.Errorf("stay: %q", got)
	}
	p.install("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {g: h}\n", Request{Upgrade: true})
	if diff := cmp.Diff(map[string]any{"c": "d", "e": "f", "g": "h"}, object.Map(p.live("v1 ConfigMap settings"), "data")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestServerStandsAgainst has releases set what the server takes only without what
// is there: defaults of nobody, and fields that somebody edited.
func TestServerStandsAgainst(t *testing.T) {
	deployment := "apps/v1 Deployment app"
	probe := func(handler string) string {
		return app("", "      - {name: m, image: nginx, readinessProbe: {"+handler+"}, lifecycle: {preStop: {"+strings.Replace(handler, "grpc", "tcpSocket", 1)+"}}}\n", "")
	}
	set := func(strategy string) string {
		return "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: app}\nspec: {selector: {matchLabels: {app: a}}, " + strategy + "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: m, image: nginx}]}}}\n"
	}
	daemons := func(strategy string) string { return strings.Replace(set(strategy), "StatefulSet", "DaemonSet", 1) }
	service := func(spec string) string {
		return "apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {" + spec + "}\n"
	}
	policy := func(rules string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: app}\nspec: {podSelector: {}, ingress: [{}]" + rules + "}\n"
	}
	budget := func(word string) string {
		return "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: app}\nspec: {selector: {matchLabels: {app: a}}, " + word + ": 1}\n"
	}
	scaler := func(target string) string {
		return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: app}\nspec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}, metrics: [{" + target + "}]}\n"
	}
	const port = "ports: [{port: 80}], selector: {app: a}, "
	for name, c := range map[string]struct{ what, before, after string }{
		"Recreate":            {deployment, app("", side, ""), app("  strategy: {type: Recreate}\n", side, "")},
		"Recreate, was said":  {deployment, app("  strategy: {type: RollingUpdate}\n", side, ""), app("  strategy: {type: Recreate}\n", side+main2, "")},
		"StatefulSet":         {"apps/v1 StatefulSet app", set(""), set("updateStrategy: {type: OnDelete}, ")},
		"DaemonSet":           {"apps/v1 DaemonSet app", daemons(""), daemons("updateStrategy: {type: OnDelete}, ")},
		"env":                 {deployment, app("", main1, ""), app("", main2, "")},
		"volumes":             {deployment, app("", side, vols1), app("", side, vols2)},
		"httpGet, tcpSocket":  {deployment, probe("httpGet: {port: 80}"), probe("tcpSocket: {port: 80}")},
		"tcpSocket, exec":     {deployment, probe("tcpSocket: {port: 80}"), probe("exec: {command: [x]}")},
		"grpc":                {deployment, probe("exec: {command: [x]}"), probe("grpc: {port: 80}")},
		"host network":        {deployment, app("", main1, "      hostNetwork: true\n"), app("", main1, "")},
		"session":             {"v1 Service app", service(port + "sessionAffinity: ClientIP"), service(port + "sessionAffinity: None")},
		"session, no word":    {"v1 Service app", service(port + "sessionAffinity: ClientIP"), service(port)},
		"node port, external": {"v1 Service app", service(port + "type: NodePort"), service("type: ExternalName, externalName: example.com")},
		"balancer, none":      {"v1 Service app", service(port + "type: LoadBalancer, externalTrafficPolicy: Local"), service(port)},
		"external, none":      {"v1 Service app", service("type: ExternalName, externalName: example.com"), service(port)},
		"headless":            {"v1 Service app", service(port), service(port + "clusterIP: None")},
		"not headless":        {"v1 Service app", service(port + "clusterIP: None"), service(port)},
		"egress":              {"networking.k8s.io/v1 NetworkPolicy app", policy(""), policy(", egress: [{ports: [{port: 53}]}]")},
		"no egress":           {"networking.k8s.io/v1 NetworkPolicy app", policy(", egress: [{ports: [{port: 53}]}]"), policy("")},
		"budget":              {"policy/v1 PodDisruptionBudget app", budget("minAvailable"), budget("maxUnavailable")},
		"metrics": {
			"autoscaling/v2 HorizontalPodAutoscaler app",
			scaler("type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}"),
			scaler("type: External, external: {metric: {name: m}, target: {type: Value, value: 5}}"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, q := somewhere(t), somewhere(t)
			p.install(c.before, Request{})
			plan := p.plan(c.after, Request{Upgrade: true})
			if err := plan.Err(); err != nil {
				t.Fatal(err)
			}
			if err := p.carry(plan, "upgrade"); err != nil {
				t.Fatal(err)
			}
			q.install(c.after, Request{})
			if diff := cmp.Diff(ownSpec(q.live(c.what)), ownSpec(p.live(c.what))); diff != "" {
				t.Errorf("(-installed +upgraded):\n%s\nthe plan was\n%s", diff, summary(plan))
			}
			if again := p.plan(c.after, Request{}); !again.Idle() {
				t.Errorf("again:\n%s", summary(again))
			}
			back := p.plan(c.before, Request{Upgrade: true})
			if err := errors.Join(back.Err(), p.carry(back, "rollback")); err != nil {
				t.Errorf("back: %v", err)
			}
		})
	}
}

// ownSpec is the spec without what the server draws for each object.
func ownSpec(o map[string]any) map[string]any {
	spec := runtime.DeepCopyJSON(object.Map(o, "spec"))
	for _, field := range []string{"clusterIP", "clusterIPs"} {
		if spec[field] != nil && object.Text(spec, "clusterIP") != "None" {
			delete(spec, field)
		}
	}
	return spec
}

// TestServerStandsAgainstEdited has somebody edit what a release replaces: it is
// refused with who did, and taken when it is to be.
func TestServerStandsAgainstEdited(t *testing.T) {
	p := somewhere(t)
	p.install(app("", main1, ""), Request{})
	p.edit("kubectl-edit", "/apis/apps/v1/namespaces/"+p.id.Namespace+"/deployments/app",
		`{"spec": {"strategy": {"rollingUpdate": {"maxSurge": 3}}, "template": {"spec": {"containers": [{"name": "m", "env": [{"name": "A", "value": "9"}]}]}}}}`)
	after := app("  strategy: {type: Recreate}\n", main2, "")
	err := p.plan(after, Request{Upgrade: true}).Err()
	if !errors.Is(err, api.ErrConflict) || !errcode.Has(err, errcode.OthersFields) {
		t.Fatalf("got %v", err)
	}
	for _, words := range []string{`.spec.strategy.rollingUpdate: set by kubectl-edit`, `.env[name=A].value: set by kubectl-edit`} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not in: %v", words, err)
		}
	}
	p.install(after, Request{Upgrade: true, ForceConflicts: true})
	o := p.live("apps/v1 Deployment app")
	if env := object.List(object.List(o, "spec", "template", "spec", "containers")[0], "env"); len(env) != 1 || env[0]["value"] != nil || object.Map(o, "spec", "strategy")["rollingUpdate"] != nil {
		t.Errorf("it is now %v", object.Map(o, "spec"))
	}
	if again := p.plan(after, Request{}); !again.Idle() {
		t.Errorf("again:\n%s", summary(again))
	}
}

// TestServerDropsEdited has a release drop items of lists that somebody has edited:
// they go, and what somebody has added stays.
func TestServerDropsEdited(t *testing.T) {
	p := somewhere(t)
	deployments := "/apis/apps/v1/namespaces/" + p.id.Namespace + "/deployments/app"
	p.install(app("", main1+side, ""), Request{})
	p.edit("kubectl-edit", deployments, `{"spec": {"template": {"spec": {"containers": [{"name": "m", "env": [{"name": "B", "value": "9"}]}, {"name": "side", "image": "nginx:2"}]}}}}`)
	p.edit("kubectl-set", deployments, `{"spec": {"template": {"spec": {"containers": [{"name": "m", "env": [{"name": "C", "value": "mine"}]}]}}}}`)
	p.install(app("", strings.Replace(main1, ", {name: B, value: '2'}", "", 1), ""), Request{Upgrade: true})
	containers := object.List(p.live("apps/v1 Deployment app"), "spec", "template", "spec", "containers")
	var names []string
	for _, env := range object.List(containers[0], "env") {
		names = append(names, object.Text(env, "name"))
	}
	if slices.Sort(names); len(containers) != 1 || !slices.Equal(names, []string{"A", "C"}) {
		t.Errorf("%d containers, with the variables %q", len(containers), names)
	}
}
