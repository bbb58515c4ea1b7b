package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tenant may read and write Secrets of one namespace, and nothing else: the user dev
// of the control plane.
type tenant struct {
	*apiServer
	t         *testing.T
	namespace string
}

// tenantOf gives dev a Role on Secrets alone, in the namespace of g.
func tenantOf(t *testing.T, g guest) tenant {
	t.Helper()
	config := dev(g.config)
	if _, err := os.Stat(config); err != nil {
		t.Skip("the control plane has no user dev")
	}
	g.api.ask(t, http.MethodPost, "/api/v1/namespaces", map[string]any{"metadata": map[string]any{"name": g.namespace}}, nil)
	const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/"
	g.put(t, obstacle{roles + "roles", "{metadata: {name: secrets}, rules: [{apiGroups: [''], resources: [secrets], verbs: [get, list, create, update]}]}"})
	g.put(t, obstacle{roles + "rolebindings", "{metadata: {name: secrets}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: secrets}, " +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dev}]}"})
	who := tenant{newAPIServer(t, config), t, g.namespace}
	if code := who.ask(t, http.MethodGet, "/api/v1/namespaces/"+g.namespace+"/pods", nil, nil); code != http.StatusForbidden {
		t.Fatalf("the tenant may look at pods: %d", code)
	}
	return who
}

func (w tenant) path(secret string) string {
	return "/api/v1/namespaces/" + w.namespace + "/secrets" + secret
}

// read reads a record.
func (w tenant) read(name string, revision int) (secret, record map[string]any) {
	w.t.Helper()
	if code := w.ask(w.t, http.MethodGet, w.path(fmt.Sprintf("/kpm.%s.v%d", name, revision)), nil, &secret); code != http.StatusOK {
		w.t.Fatalf("reading the record: %d", code)
	}
	data, err := base64.StdEncoding.DecodeString(secret["data"].(map[string]any)["record"].(string))
	if err != nil {
		w.t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err = errors.Join(err, json.Unmarshal(text, &record)); err != nil {
		w.t.Fatal(err)
	}
	return secret, record
}

// fill puts a record into a Secret, with all that has to fit it.
func (w tenant) fill(secret, record map[string]any) {
	w.t.Helper()
	text, err := json.Marshal(record)
	if err != nil {
		w.t.Fatal(err)
	}
	var data bytes.Buffer
	z := gzip.NewWriter(&data)
	if _, err := z.Write(text); err != nil {
		w.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.Sum256(data.Bytes())
	secret["data"] = map[string]any{"record": data.Bytes()}
	notes := secret["metadata"].(map[string]any)["annotations"].(map[string]any)
	notes["kpm.sh/sha256"], notes["kpm.sh/parts"] = hex.EncodeToString(sum[:]), "1"
}

// tamper rewrites a record that is there.
func (w tenant) tamper(name string, revision int, edit func(record map[string]any)) {
	w.t.Helper()
	secret, record := w.read(name, revision)
	edit(record)
	w.fill(secret, record)
	if code := w.ask(w.t, http.MethodPut, w.path("/"+secret["metadata"].(map[string]any)["name"].(string)), secret, nil); code != http.StatusOK {
		w.t.Fatalf("writing the record: %d", code)
	}
}

// fabricate makes a record of nothing.
func (w tenant) fabricate(name, status string, record map[string]any) {
	w.t.Helper()
	secret := map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": "kpm.sh/installation",
		"metadata": map[string]any{
			"name": "kpm." + name + ".v1", "annotations": map[string]any{"kpm.sh/version": record["version"], "kpm.sh/action": "install"},
			"labels": map[string]any{"kpm.sh/record": name, "kpm.sh/revision": "1", "kpm.sh/status": status},
		},
	}
	w.fill(secret, record)
	if code := w.ask(w.t, http.MethodPost, w.path(""), secret, nil); code != http.StatusCreated {
		w.t.Fatalf("writing the record: %d", code)
	}
}

// refused runs kpm, which must refuse, and say all of these.
func (g guest) refused(t *testing.T, args []string, says ...string) {
	t.Helper()
	_, notes, code := g.run(t, args...)
	if code != exitConflict {
		t.Errorf("kpm %v: exit code %d: %s", args, code, notes)
	}
	for _, want := range says {
		if !strings.Contains(notes, want) {
			t.Errorf("kpm %v does not say %q: %s", args, want, notes)
		}
	}
}

// has tells whether something lies at a path, in which NS is the namespace.
func (g guest) has(t *testing.T, path string) bool {
	t.Helper()
	return g.api.ask(t, http.MethodGet, strings.ReplaceAll(path, "NS", g.namespace), nil, nil) == http.StatusOK
}

const pods = "/api/v1/namespaces/NS/pods/"

// templated is written with the manifests as a template, and values.
func templated(t *testing.T, name, version, template, values string) string {
	t.Helper()
	dir := written(t, name, version, template)
	if err := os.Rename(filepath.Join(dir, "manifests", "a.yaml"), filepath.Join(dir, "manifests", "a.yaml.tmpl")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(values), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Who may write Secrets changes a recorded value, so that a template gives more
// rules: a ClusterRole of the installation does not grow by it, whatever is agreed to
// but the record itself.
func TestE2ETamperedValues(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	template := "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: " + g.namespace + "\n  labels:\n    team: {{ team }}\n" +
		"rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n"
	one, two := templated(t, "crole", "1.0.0", template, "team: none\n"), templated(t, "crole", "2.0.0", template, "team: none\n")
	role := "/apis/rbac.authorization.k8s.io/v1/clusterroles/" + g.namespace
	g.must(t, "install", one, "--set", "team=blue")
	tenant.tamper("crole", 1, func(r map[string]any) {
		r["overrides"] = map[string]any{"team": "blue\nrules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]\n---\n" +
			"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: decoy"}
	})
	for _, flags := range [][]string{nil, {"--allow-cluster-scoped"}, {"--force-conflicts"}} {
		g.refused(t, append([]string{"upgrade", two, "-y"}, flags...), "ClusterRole "+g.namespace, "Role "+g.namespace+"/decoy", "--accept-recorded "+g.namespace+"/crole")
		g.refused(t, append([]string{"install", one, "-y"}, flags...), "ClusterRole "+g.namespace)
	}
	var live struct{ Rules []struct{ Verbs []string } }
	if g.api.ask(t, http.MethodGet, role, nil, &live); len(live.Rules) != 1 || live.Rules[0].Verbs[0] != "get" {
		t.Errorf("the rules are %+v", live.Rules)
	}
	g.must(t, "uninstall", "crole", "-y")
	if g.has(t, role) {
		t.Error("the role is still there")
	}
}

// A record of nothing, for a Kube that nobody ever installed, is neither installed nor
// upgraded, and goes alone when it is removed.
func TestE2EFabricatedRecord(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	dir := templated(t, "tpl", "2.0.0", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tpl}\ndata:\n  v: {{ v }}\n", "v: none\n")
	tenant.fabricate("tpl", "installed", map[string]any{
		"schema": "kpm.installation/v1", "action": "install", "version": "2.0.0", "inventory": []any{},
		"overrides": map[string]any{"v": "x\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: pwn}\nspec: {hostPID: true, containers: [{name: a, image: a, securityContext: {privileged: true}}]}\n" +
			"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: pwn}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}\n" +
			"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dev}]\n"},
	})
	want := "nothing in the cluster confirms what the record of tpl in namespace " + g.namespace + " says"
	for _, args := range [][]string{{"upgrade", dir}, {"upgrade", dir, "-y"}, {"install", dir, "-y"}, {"upgrade", dir, "-y", "--allow-cluster-scoped", "--reset-values"}} {
		g.refused(t, args, want, "--accept-recorded "+g.namespace+"/tpl")
	}
	if out := g.must(t, "list"); !strings.Contains(out, "installed, unconfirmed") {
		t.Errorf("list says %s", out)
	}
	if _, notes, _ := g.run(t, "status", "tpl"); !strings.Contains(notes, "tpl is not confirmed") {
		t.Errorf("status says %s", notes)
	}
	if g.has(t, pods+"pwn") {
		t.Error("the Pod is there")
	}
	_, notes, code := g.run(t, "uninstall", "tpl", "-y")
	if code != exitDone || !strings.Contains(notes, "its Secrets alone are removed") {
		t.Errorf("uninstall: exit code %d: %s", code, notes)
	}
	g.must(t, "install", dir)
	if g.has(t, pods+"pwn") || !g.has(t, "/api/v1/namespaces/NS/configmaps/tpl") {
		t.Error("what is installed afterwards is not what the Kube has")
	}
}

// Hook files of a forged attempt are not used: the hook runs, or what is there tells
// that they are not its.
func TestE2EForgedHookFiles(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	dir := written(t, "hooky", "1.0.0", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hooky}\n")
	stuck := "apiVersion: v1\nkind: Pod\nmetadata: {name: stuck}\nspec: {nodeSelector: {no: such}, containers: [{name: a, image: a}]}\n"
	hook := "open('manifests/made.yaml','w').write('{apiVersion: v1, kind: ConfigMap, metadata: {name: made}}')\n"
	if err := os.MkdirAll(filepath.Join(dir, "scripts"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{"scripts/pre-install.py": hook, "manifests/stuck.yaml": stuck} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	evil := base64.StdEncoding.EncodeToString([]byte("{apiVersion: v1, kind: Pod, metadata: {name: pwn}, spec: {hostPID: true, containers: [{name: a, image: a}]}}"))

	// An attempt that somebody made elsewhere is copied, with files of the forger's.
	other := g
	other.namespace = namespace()
	if _, notes, code := other.run(t, "install", dir, "-y", "--create-namespace", "--timeout", "1s"); code != exitTimeout {
		t.Skipf("no hook runs here: exit code %d: %s", code, notes)
	}
	_, record := tenantOf(t, other).read("hooky", 1)
	record["inventory"], record["manifests"] = []any{}, []any{}
	record["hookFiles"] = map[string]any{"manifests/evil.yaml": evil}
	tenant.fabricate("hooky", "failed", record)
	if _, notes, code := g.run(t, "install", dir, "-y", "--timeout", "1s"); code != exitTimeout || !strings.Contains(notes, "Running the hook of hooky") {
		t.Errorf("a forged attempt: exit code %d: %s", code, notes)
	}
	if g.has(t, pods+"pwn") || !g.has(t, "/api/v1/namespaces/NS/configmaps/made") {
		t.Error("what is there is the forger's")
	}

	// The next run goes by what the hook made: it is there.
	if _, notes, code := g.run(t, "install", dir, "-y", "--timeout", "1s"); code != exitTimeout || strings.Contains(notes, "Running the hook") {
		t.Errorf("the next run: exit code %d: %s", code, notes)
	}

	// Files that are added to those of a real attempt make kpm stop, and name what is not there.
	tenant.tamper("hooky", 3, func(r map[string]any) { r["hookFiles"].(map[string]any)["manifests/evil.yaml"] = evil })
	tenant.tamper("hooky", 2, func(r map[string]any) { r["hookFiles"].(map[string]any)["manifests/evil.yaml"] = evil })
	g.refused(t, []string{"install", dir, "-y", "--timeout", "1s"}, "Pod "+g.namespace+"/pwn is not there", "what its hook wrote", "--run-hook")
	if g.has(t, pods+"pwn") {
		t.Error("the Pod is there")
	}
	if _, notes, code := g.run(t, "install", dir, "-y", "--timeout", "1s", "--run-hook"); code != exitTimeout || !strings.Contains(notes, "Running the hook of hooky") {
		t.Errorf("--run-hook: exit code %d: %s", code, notes)
	}
	g.must(t, "uninstall", "hooky", "-y")
	other.must(t, "uninstall", "hooky", "-y")
}

const daemon = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostPID: true
      containers: [{name: agent, image: {{ image | to_json }}, securityContext: {privileged: true}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: agent}
data: {release: RELEASE}
`

// The image of a privileged workload comes from a value: an upgrade keeps it and asks
// nothing, until somebody writes another one into the record.
func TestE2EPrivilegedImage(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	release := func(version string) string {
		return templated(t, "agent", version, strings.ReplaceAll(daemon, "RELEASE", version), "image: none\n")
	}
	g.must(t, "install", release("1.0.0"), "--set", "image=good:1", "--no-wait", "-y")
	g.must(t, "upgrade", release("2.0.0"), "--no-wait")
	image := func() string {
		var set struct {
			Spec struct {
				Template struct {
					Spec struct{ Containers []struct{ Image string } }
				}
			}
		}
		g.api.ask(t, http.MethodGet, "/apis/apps/v1/namespaces/"+g.namespace+"/daemonsets/agent", nil, &set)
		return set.Spec.Template.Spec.Containers[0].Image
	}
	three := release("3.0.0")
	for name, edit := range map[string]func(r map[string]any){
		"values":               func(map[string]any) {},
		"no salt":              func(r map[string]any) { delete(r, "salt") },
		"only what is its own": func(r map[string]any) { r["inventory"] = r["inventory"].([]any)[:1] },
	} {
		_, before := tenant.read("agent", 2)
		tenant.tamper("agent", 2, func(r map[string]any) {
			r["overrides"] = map[string]any{"image": "evil:1"}
			edit(r)
		})
		g.refused(t, []string{"upgrade", three, "-y", "--no-wait"}, "DaemonSet "+g.namespace+"/agent", "--accept-recorded "+g.namespace+"/agent")
		g.refused(t, []string{"install", release("2.0.0"), "-y", "--no-wait"}, "DaemonSet "+g.namespace+"/agent")
		if got := image(); got != "good:1" {
			t.Fatalf("%s: the image is %s", name, got)
		}
		tenant.tamper("agent", 2, func(r map[string]any) {
			clear(r)
			maps.Copy(r, before)
		})
	}
	g.must(t, "upgrade", three, "--no-wait")
	if got := image(); got != "good:1" {
		t.Errorf("the image is %s", got)
	}

	// What the user says now is the user's word, whatever the record says.
	tenant.tamper("agent", 3, func(r map[string]any) { r["overrides"] = map[string]any{"image": "evil:1"} })
	g.must(t, "upgrade", three, "--no-wait", "--set", "image=good:2")
	if got := image(); got != "good:2" {
		t.Errorf("the image is %s", got)
	}
	g.must(t, "uninstall", "agent", "-y")
}

// After a namespace was restored from a backup, its objects have other UIDs than the
// records say. They are named, and taken up when the user agrees to the record.
func TestE2ERestoredBackup(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	dir := templated(t, "web", "1.0.0", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {v: {{ v | to_json }}}\n", "v: none\n")
	g.must(t, "install", dir, "--create-namespace", "--set", "v=mine")
	path := "/api/v1/namespaces/" + g.namespace + "/configmaps"
	var object map[string]any
	g.api.ask(t, http.MethodGet, path+"/web", nil, &object)
	meta := object["metadata"].(map[string]any)
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "managedFields"} {
		delete(meta, field)
	}
	g.api.ask(t, http.MethodDelete, path+"/web", nil, nil)
	if code := g.api.ask(t, http.MethodPost, path, object, nil); code != http.StatusCreated {
		t.Fatalf("restoring: %d", code)
	}
	g.refused(t, []string{"install", dir, "-y"}, "ConfigMap "+g.namespace+"/web carries its labels, and is another object than the recorded one", "--accept-recorded "+g.namespace+"/web")
	accept := []string{"install", dir, "--accept-recorded", g.namespace + "/web"}
	_, notes, code := g.run(t, accept...)
	if code != exitDeclined || !strings.Contains(notes, "is another object than the recorded one") {
		t.Errorf("without an answer: exit code %d: %s", code, notes)
	}
	g.must(t, append(accept, "-y")...)
	if _, notes, code := g.run(t, "install", dir); code != exitDone || !strings.Contains(notes, "Nothing changes") {
		t.Errorf("afterwards: exit code %d: %s", code, notes)
	}
	// What brought it back keeps nothing of it: a field that a release drops goes.
	without := templated(t, "web", "2.0.0", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {w: {{ v | to_json }}}\n", "v: none\n")
	g.must(t, "upgrade", without, "-y")
	var after struct{ Data map[string]string }
	g.api.ask(t, http.MethodGet, path+"/web", nil, &after)
	if want := map[string]string{"w": "mine"}; !maps.Equal(after.Data, want) {
		t.Errorf("after a release without a field: %v, want %v", after.Data, want)
	}
	g.leave(t, "web")
}

// lifeOf are three values for each Kube of packages/ that has as many.
var lifeOf = map[string][]string{
	"grafana": {"rootUrl=http://grafana/", "prometheusUrl=http://p:9090", "storage.size=3Gi"}, "hello": {"title=Mine", "message=Hi"},
	"mariadb": {"resources.cpu=100m", "resources.memory=512Mi", "storage.size=2Gi"}, "memcached": {"replicas=2", "cacheMiB=32", "maxConnections=100"},
	"minio": {"resources.cpu=200m", "resources.memory=512Mi", "storage.size=2Gi"}, "ponycorn": {"replicas=2", "nginx=http://web", "env.PONYCORN_GREETING=Hi"},
	"postgres": {"resources.cpu=100m", "resources.memory=512Mi", "storage.size=2Gi"}, "prometheus": {"retention.time=7d", "resources.cpu=100m", "storage.size=9Gi"},
	"rabbitmq": {"resources.cpu=100m", "resources.memory=512Mi", "storage.size=2Gi"}, "varnish": {"backend.host=web", "backend.port=8080"}, "redis": {"memoryMiB=128", "evictionPolicy=allkeys-lru", "storage.size=2Gi"},
}

// Normal life asks nothing: each Kube of packages/ with three values of the user's is
// upgraded to a release that changes all of its objects.
func TestE2ENormalLife(t *testing.T) {
	t.Parallel()
	controlPlane(t)
	metas, err := filepath.Glob("../../packages/*/K3.yaml")
	if err != nil || len(metas) == 0 {
		t.Fatalf("%d Kubes, %v", len(metas), err)
	}
	questions := 0
	for _, meta := range metas {
		dir := filepath.Dir(meta)
		name := filepath.Base(dir)
		if _, err := os.Stat(filepath.Join(dir, "values.yaml")); err == nil && lifeOf[name] == nil {
			t.Errorf("%s has values, and none are tried", name)
		}
		var set []string
		for _, v := range lifeOf[name] {
			set = append(set, "--set", v)
		}
		g := newGuest(t, t.TempDir())
		g.must(t, append([]string{"install", dir, "-y", "--force", "--create-namespace", "--no-wait"}, set...)...)
		upgrade := []string{"upgrade", nextRelease(t, dir), "--force", "--no-wait"}
		if _, err := os.Stat(filepath.Join(dir, "scripts")); err == nil {
			upgrade = append(upgrade, "-y") // to the hook of another release, as it is asked for each
		}
		_, notes, code := g.run(t, upgrade...)
		if code != exitDone || strings.Contains(notes, "not confirmed") {
			questions++
			t.Errorf("%s: exit code %d: %s", name, code, notes)
		}
		g.must(t, "upgrade", nextRelease(t, dir), "-y", "--force", "--no-wait")
		g.must(t, "uninstall", name, "-y", "--purge")
	}
	t.Logf("questions in normal life: %d, for %d Kubes", questions, len(metas))
}

// nextRelease is a copy of a Kube as its next release, in which each object changes.
func nextRelease(t *testing.T, dir string) string {
	t.Helper()
	next := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := os.CopyFS(next, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	edit := func(path string, change func(string) string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(change(string(text))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	edit(filepath.Join(next, "K3.yaml"), func(s string) string { return strings.Replace(s, "\nversion: ", "\nversion: 9", 1) })
	manifests, err := filepath.Glob(filepath.Join(next, "manifests", "*"))
	if err != nil || len(manifests) == 0 {
		t.Fatalf("%d manifests, %v", len(manifests), err)
	}
	for _, m := range manifests {
		edit(m, func(s string) string {
			if strings.Contains(s, "\n  annotations:") {
				return s
			}
			return strings.Replace(s, "\nmetadata:\n", "\nmetadata:\n  annotations: {example.com/release: next}\n", 1)
		})
	}
	return next
}
