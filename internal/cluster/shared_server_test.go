package cluster

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// namespaceYAML is a Namespace with labels, beside an object in it.
func namespaceYAML(labels string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: NS-shared, labels: {" + labels + "}}\n" +
		"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: NS-shared}\n"
}

// sharing are two installations and the Namespace that both ship.
func sharing(t *testing.T) (p, q place, shared string) {
	t.Helper()
	p = somewhere(t)
	t.Cleanup(func() { erase(t, p.Cluster, "/api/v1/namespaces/"+p.id.Namespace+"-shared") })
	q = p
	q.id.Name = "other"
	return p, q, "v1 Namespace " + p.id.Namespace + "-shared"
}

// labelsOf are the labels that the test is about.
func labelsOf(o map[string]any) map[string]any {
	found := map[string]any{}
	for key, v := range object.Map(o, "metadata", "labels") {
		if !strings.Contains(key, "kubernetes.io/metadata") {
			found[key] = v
		}
	}
	return found
}

// TestServerSharedNamespace has two installations ship one Namespace, with what each
// sets, and go in the order that they came.
func TestServerSharedNamespace(t *testing.T) {
	p, q, shared := sharing(t)
	p.install(namespaceYAML("team: a"), Request{})
	second := strings.Replace(namespaceYAML("team: a, tier: b"), "name: settings", "name: others", 1)

	plan := q.plan(second, Request{})
	want := "changed Namespace NS-shared: it is there already: what is added is given up again when the installation goes\n  + .metadata.labels.tier: b\nadded ConfigMap others\n"
	if diff := cmp.Diff(strings.ReplaceAll(want, "NS", p.id.Namespace), summary(plan)); diff != "" {
		t.Errorf("the plan (-want +got):\n%s", diff)
	}
	q.install(second, Request{})
	if owner := api.InstallationOf(p.live(shared)); owner != p.id {
		t.Errorf("it belongs to %v", owner)
	}
	if again := q.plan(second, Request{}); !again.Idle() {
		t.Errorf("again:\n%s", summary(again))
	}
	err := q.plan(strings.Replace(second, "team: a", "team: b", 1), Request{ForceConflicts: true, AllowClusterScoped: true}).Err()
	if !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), `label team is "a", set by `+p.id.Manager()+`, and this Kube sets "b"`) {
		t.Errorf("another value: %v", err)
	}
	q.install(strings.Replace(second, "tier: b", "tier: c", 1), Request{Upgrade: true}) // its own

	p.uninstall(Request{})
	if again := q.plan(second, Request{Upgrade: true}); again.Err() != nil || again.Count(Changed) != 1 {
		t.Errorf("after the first has gone: %v\n%s", again.Err(), summary(again))
	}
	q.install(second, Request{Upgrade: true})
	gone := q.uninstall(Request{Purge: true})
	if gone.Count(GivenUp) != 1 {
		t.Errorf("uninstall plans\n%s", summary(gone))
	}
	labels := labelsOf(p.live(shared))
	if diff := cmp.Diff(map[string]any{"team": "a", api.LabelInstallation: p.id.Name, api.LabelNamespace: p.id.Namespace}, labels); diff != "" {
		t.Errorf("labels afterwards (-want +got):\n%s", diff)
	}
}

// TestServerPurgedNamespace: a Namespace that another installation ships too stays when all
// of the first is purged, with what its programs keep there.
func TestServerPurgedNamespace(t *testing.T) {
	p, q, shared := sharing(t)
	namespace := func(labels string) string {
		return strings.Replace(namespaceYAML(labels), "namespace: NS-shared", "namespace: NS", 1)
	}
	p.install(namespace("team: a"), Request{})
	q.install(strings.Replace(namespace("tier: b"), "name: settings", "name: others", 1), Request{})
	gone := p.uninstall(Request{Purge: true})
	if got := summary(gone); p.live(shared) == nil || !strings.Contains(got, "kept Namespace "+p.id.Namespace+"-shared: it is in use by "+q.id.String()+" as well") {
		t.Errorf("uninstall planned\n%s", got)
	}
	q.uninstall(Request{Purge: true})
}

// TestServerForeignNamespace takes nothing over of a Namespace that somebody made:
// not by --adopt, and not by a manifest that says nothing of it.
func TestServerForeignNamespace(t *testing.T) {
	p := somewhere(t)
	made := p.id.Namespace + "-shared"
	p.stranger("apiVersion: v1\nkind: Namespace\nmetadata: {name: NS-shared, labels: {team: a}}\n")
	before := p.live("v1 Namespace " + made)
	plan := p.install(namespaceYAML("")+"", Request{Adopt: []string{"namespace/" + made}})
	if e := plan.Entries[0]; e.Action != Unchanged || !e.Shared || e.Adopted {
		t.Errorf("the plan is\n%s", summary(plan))
	}
	if after := p.live("v1 Namespace " + made); object.Text(before, "metadata", "resourceVersion") != object.Text(after, "metadata", "resourceVersion") {
		t.Errorf("it was written: %v", after["metadata"])
	}
	for _, item := range p.state().Inventory {
		if item.Is("", "Namespace") {
			t.Error("it is in the inventory")
		}
	}
	p.install(namespaceYAML("tier: b"), Request{Upgrade: true})
	plan = p.install(settings, Request{Upgrade: true}) // no Namespace in this release
	if plan.Count(GivenUp) != 1 {
		t.Errorf("the plan is\n%s", summary(plan))
	}
	if diff := cmp.Diff(map[string]any{"team": "a"}, labelsOf(p.live("v1 Namespace "+made))); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if again := p.plan(settings, Request{}); !again.Idle() {
		t.Errorf("again:\n%s", summary(again))
	}
}

// TestServerAdmissionLabels has a Kube open somebody's Namespace: by labels that a
// plugin of the server, a webhook, a policy in an expression or a NetworkPolicy goes
// by. Others are nobody's business.
func TestServerAdmissionLabels(t *testing.T) {
	p := somewhere(t)
	key := "sel.example/" + p.id.Namespace
	p.stranger("apiVersion: v1\nkind: Namespace\nmetadata: {name: NS-shared}\n")
	p.stranger("apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: NS-hook}\nwebhooks:\n" +
		"- {name: a.example.com, admissionReviewVersions: [v1], sideEffects: None, failurePolicy: Ignore, clientConfig: {url: 'https://127.0.0.1:1/'}, rules: [], namespaceSelector: {matchExpressions: [{key: " + key + "-hook, operator: DoesNotExist}]}}\n")
	p.stranger("apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: NS-policy}\nspec:\n" +
		"  matchConstraints: {resourceRules: [{apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [nothings]}]}\n" +
		"  validations: [{expression: \"!('" + key + "-cel' in namespaceObject.metadata.labels)\"}]\n")
	p.stranger("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np}\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {" + key + "-net: x}}}]}]}\n")
	for label, by := range map[string]string{
		"pod-security.kubernetes.io/enforce: privileged": "which admission goes by",
		"'" + key + "-hook': x":                          "ValidatingWebhookConfiguration NS-hook goes by",
		"'" + key + "-cel': x":                           "ValidatingAdmissionPolicy NS-policy goes by",
		"'" + key + "-net': x":                           "NetworkPolicy np goes by",
		"'" + key + "-none': x":                          "",
	} {
		plan := p.plan(namespaceYAML(label), Request{})
		err := plan.Err()
		if by == "" {
			if err != nil {
				t.Errorf("%s: %v", label, err)
			}
			continue
		}
		if !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), strings.ReplaceAll(by, "NS", p.id.Namespace)) || !errcode.Has(err, errcode.OutsideNamespace) {
			t.Errorf("%s: %v", label, err)
		}
		if err := p.plan(namespaceYAML(label), Request{AllowClusterScoped: true}).Err(); err != nil {
			t.Errorf("%s, allowed: %v", label, err)
		}
	}
}

// crdYAML is a CRD with the versions, of which the first stores, and an object.
func crdYAML(versions, property, object string) string {
	yaml := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: jugs.NS.example.com}\nspec:\n" +
		"  group: NS.example.com\n  scope: Namespaced\n  names: {kind: Jug, plural: jugs}\n  versions:\n"
	for i, v := range strings.Fields(versions) {
		yaml += "  - {name: " + v + ", served: true, storage: " + map[bool]string{true: "true", false: "false"}[i == 0] +
			", schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {" + property + ": {type: integer}}}}}}}\n"
	}
	if object != "" {
		yaml += "---\napiVersion: NS.example.com/" + object + "\nkind: Jug\nmetadata: {name: jug}\nspec: {" + property + ": 1}\n"
	}
	return yaml
}

// TestServerUsedCRD has another installation bring a CRD that is there.
func TestServerUsedCRD(t *testing.T) {
	p, q := somewhere(t), somewhere(t)
	yaml := func(versions, property, object string) string {
		return strings.ReplaceAll(crdYAML(versions, property, object), "NS", p.id.Namespace)
	}
	crd := "apiextensions.k8s.io/v1 CustomResourceDefinition jugs." + p.id.Namespace + ".example.com"
	name := "jugs." + p.id.Namespace + ".example.com"
	t.Cleanup(func() { erase(t, p.Cluster, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"+name) })
	p.install(yaml("v1 v2", "size", ""), Request{})
	before := p.live(crd)

	plan := q.install(yaml("v1", "size", "v1"), Request{})
	if !strings.Contains(summary(plan), "unchanged CustomResourceDefinition "+name+": it belongs to "+p.id.String()+", and is used as it is") {
		t.Errorf("the plan is\n%s", summary(plan))
	}
	if len(plan.CRDs) != 1 || !plan.CRDs[0].Stays || !strings.Contains(plan.CRDs[0].Text, "used as it is") {
		t.Errorf("the notes are %v", plan.CRDs)
	}
	for _, item := range q.state().Inventory {
		if item.Kind == "CustomResourceDefinition" {
			t.Error("it is in the inventory")
		}
	}
	if again := q.plan(yaml("v1", "size", "v1"), Request{}); !again.Idle() {
		t.Errorf("again:\n%s", summary(again))
	}
	for what, c := range map[string]struct {
		yaml  string
		class error
		words string
	}{
		"a version of an object": {yaml("v3 v1", "size", "v3"), api.ErrConflict, "it belongs to " + p.id.String() + ", and it does not serve v3, of which is Jug"},
		"a stored version":       {yaml("v3 v1", "size", ""), api.ErrConflict, "it does not serve v3, in which this Kube stores objects; this Kube's own differs: "},
		"a field":                {yaml("v1", "width", "v1"), api.ErrConflict, "width: field not declared in schema; of CustomResourceDefinition " + name + ", it belongs to " + p.id.String() + "; this Kube's own differs: "},
		"a wrong value":          {strings.Replace(yaml("v1 v2", "size", "v1"), "spec: {size: 1", "spec: {size: big", 1), api.ErrRefused, "size"},
	} {
		err := q.plan(c.yaml, Request{}).Err()
		if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := q.plan(yaml("v3", "size", ""), Request{UseCRD: []string{name}}).Err(); err != nil {
		t.Errorf("used although it differs: %v", err)
	}
	if err := q.plan(yaml("v3 v1", "size", "v3"), Request{UseCRD: []string{name}}).Err(); !errors.Is(err, api.ErrConflict) || !errcode.Has(err, errcode.OthersVersion) || errcode.Has(err, errcode.OthersCRD) || !strings.Contains(err.Error(), "does not serve v3") {
		t.Errorf("an object that cannot be: %v", err)
	}

	p.uninstall(Request{})
	if after := p.live(crd); object.Text(before, "metadata", "resourceVersion") == "" || object.Text(after, "metadata", "uid") != object.Text(before, "metadata", "uid") {
		t.Fatal("the CRD is gone")
	}
	if plan := q.plan(yaml("v1", "size", "v1"), Request{Upgrade: true}); plan.Err() != nil || !plan.Idle() {
		t.Errorf("after the first has gone: %v\n%s", plan.Err(), summary(plan))
	}
	q.install(yaml("v1 v2", "size", "v1"), Request{Upgrade: true, Adopt: []string{"customresourcedefinition/" + name}})
	if owner := api.InstallationOf(p.live(crd)); owner != q.id {
		t.Errorf("adopted, it belongs to %v", owner)
	}
}

// TestServerAdoptAll names all that could be taken over.
func TestServerAdoptAll(t *testing.T) {
	p := somewhere(t)
	two := settings + "---\n" + strings.Replace(settings, "name: settings", "name: more", 1)
	p.stranger(two)
	err := p.plan(two, Request{}).Err()
	want := []string{"configmap/" + p.id.Namespace + "/more", "configmap/" + p.id.Namespace + "/settings"}
	for code, facts := range errcode.All(err) {
		if code == errcode.Unowned {
			if diff := cmp.Diff(any(want), facts["objects"]); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
			return
		}
	}
	t.Errorf("got %v", err)
}
