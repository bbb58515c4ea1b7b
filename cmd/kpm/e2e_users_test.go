package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/docs"
)

// Users with kubeconfigs and homes of their own see the same of what is installed,
// as soon as they may; before that they are told what they may not.
func TestE2EUsers(t *testing.T) {
	t.Parallel()
	admin := newGuest(t, t.TempDir())
	as := func(name string) guest {
		g := admin
		g.home, g.config = t.TempDir(), filepath.Join(filepath.Dir(admin.config), name+".kubeconfig")
		if _, err := os.Stat(g.config); err != nil {
			t.Skipf("the control plane has no user %s", name)
		}
		return g
	}
	viewer, dev := as("viewer"), as("dev")
	one, two := written(t, "web", "1.0.0", plain), written(t, "web", "2.0.0", strings.Replace(plain, "a: b", "a: c", 1))
	admin.must(t, "install", one, "--create-namespace")
	admin.must(t, "upgrade", two)

	for name, g := range map[string]guest{"viewer": viewer, "dev": dev} {
		_, notes, code := g.run(t, "list")
		want := fmt.Sprintf("User %q cannot list resource \"secrets\" in API group \"\" in the namespace %q\n  next: ", name, g.namespace)
		if code != exitFailed || !strings.Contains(notes, want) {
			t.Errorf("%s: exit code %d: %s", name, code, notes)
		}
		_, notes, code = g.run(t, "list", "-A")
		if code != exitFailed || !strings.Contains(notes, `cannot list resource "secrets" in API group "" at the cluster scope`) {
			t.Errorf("%s: exit code %d: %s", name, code, notes)
		}
	}
	const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/"
	admin.put(t, obstacle{roles + "roles", "{metadata: {name: records}, rules: [{apiGroups: [''], resources: [secrets], verbs: [get, list]}]}"})
	admin.put(t, obstacle{roles + "rolebindings", "{metadata: {name: viewer}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: records}, " +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer}]}"})
	admin.put(t, obstacle{roles + "rolebindings", "{metadata: {name: dev}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}, " +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dev}]}"})
	for _, args := range [][]string{{"list"}, {"list", "-o", "json"}, {"status", "web", "-o", "json"}, {"history", "web"}, {"history", "web", "-o", "json"}, {"diff", two}} {
		want := admin.must(t, args...)
		for name, g := range map[string]guest{"viewer": viewer, "dev": dev} {
			out, notes, code := g.run(t, args...)
			if args[0] == "diff" && name == "viewer" {
				continue // a dry run needs the right to write
			}
			if code != exitDone || out != want {
				t.Errorf("%s: kpm %v: exit code %d: got %s, want %s: %s", name, args, code, out, want, notes)
			}
		}
	}

	// Who may look may not change; who may change a namespace changes no more.
	if _, notes, code := viewer.run(t, "upgrade", "-y", one); code != exitFailed || !strings.Contains(notes, `User "viewer" cannot patch resource "configmaps"`) {
		t.Errorf("viewer: exit code %d: %s", code, notes)
	}
	wide := plain + "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: " + admin.namespace + "}\nrules: []\n"
	_, notes, code := dev.run(t, "upgrade", "-y", "--allow-cluster-scoped", written(t, "web", "3.0.0", wide))
	if code != exitFailed || !strings.Contains(notes, "ClusterRole "+admin.namespace+" (manifests/a.yaml:6)") || !strings.Contains(notes, `User "dev" cannot get resource "clusterroles"`) {
		t.Errorf("dev: exit code %d: %s", code, notes)
	}
	if out := admin.must(t, "history", "web", "-o", "name"); out != "2\n1\n" {
		t.Errorf("something was written: %s", out)
	}

	// What the administrator has installed there is what a Kube of dev needs.
	needy := written(t, "needy", "1.0.0", strings.Replace(plain, "settings", "needs", 1))
	meta := filepath.Join(needy, "K3.yaml")
	text, err := os.ReadFile(meta)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(meta, append(text, "dependencies: [{name: web, version: '^2'}]\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, notes, code := dev.run(t, "install", needy); code != exitDone || strings.Contains(notes, "does not seem to be satisfied") {
		t.Errorf("dev: exit code %d: %s", code, notes)
	}
	if want, got := admin.must(t, "list"), dev.must(t, "list"); got != want || !strings.Contains(got, "needy") {
		t.Errorf("dev lists %s, admin %s", got, want)
	}
	dev.leave(t, "needy")
	dev.leave(t, "web")
}

// Who has the Role of docs/rbac.md upgrades what an autoscaler scales, and it keeps its
// replicas; who may not list autoscalers is told that.
func TestE2EDocumentedRole(t *testing.T) {
	t.Parallel()
	admin := newGuest(t, t.TempDir())
	g := admin
	g.home, g.config = t.TempDir(), dev(admin.config)
	if _, err := os.Stat(g.config); err != nil {
		t.Skip("the control plane has no user dev")
	}
	const workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: app}}\n" +
		"  template: {metadata: {labels: {app: app}}, spec: {containers: [{name: a, image: 'app:VERSION'}]}}\n"
	release := func(version string) string {
		return written(t, "app", version, strings.ReplaceAll(workload, "VERSION", version))
	}
	admin.must(t, "install", release("1.0.0"), "--create-namespace", "--no-wait")
	text, err := docs.Files.ReadFile("rbac.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ := strings.Cut(rest, "```")
	var role map[string]any
	if err := yaml.Unmarshal([]byte(block), &role); err != nil {
		t.Fatal(err)
	}
	rules := role["rules"].([]any)
	blind := slices.DeleteFunc(slices.Clone(rules), func(r any) bool { return fmt.Sprint(r.(map[string]any)["apiGroups"]) == "[autoscaling]" })
	roles := "/apis/rbac.authorization.k8s.io/v1/namespaces/" + g.namespace + "/"
	role["rules"] = blind
	admin.api.ask(t, http.MethodPost, roles+"roles", role, nil)
	admin.put(t, obstacle{"/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings", "{metadata: {name: kpm}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: kpm}, " +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dev}]}"})
	admin.put(t, obstacle{"/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers",
		"{metadata: {name: app}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}, maxReplicas: 9}}"})
	path := "/apis/apps/v1/namespaces/" + g.namespace + "/deployments/app"
	var scaled map[string]any
	admin.api.ask(t, http.MethodGet, path+"/scale", nil, &scaled)
	scaled["spec"] = map[string]any{"replicas": 6}
	delete(scaled["metadata"].(map[string]any), "resourceVersion")
	if code := admin.api.ask(t, http.MethodPut, path+"/scale", scaled, nil); code != http.StatusOK {
		t.Fatalf("scaling: %d", code)
	}
	g.refused(t, []string{"upgrade", release("2.0.0"), "-y", "--no-wait"}, ".spec.replicas", "HorizontalPodAutoscalers may not be listed")
	role["rules"] = rules
	admin.api.ask(t, http.MethodPut, roles+"roles/kpm", role, nil)
	g.must(t, "upgrade", release("2.0.0"), "-y", "--no-wait")
	var live struct{ Spec struct{ Replicas int } }
	if admin.api.ask(t, http.MethodGet, path, nil, &live); live.Spec.Replicas != 6 {
		t.Errorf("it has %d replicas", live.Spec.Replicas)
	}
}
