package main

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster/history"
)

const vouchedWorkload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 0
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: a, image: RELEASE}]}
`

// withPod has a forger's Pod made by going back to a revision.
func withPod(record map[string]any) {
	record["manifests"] = append(record["manifests"].([]any), map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "pwn"},
		"spec": map[string]any{"hostPID": true, "containers": []any{map[string]any{"name": "a", "image": "a"}}},
	})
}

// image is the image that the Deployment app has.
func (g guest) image(t *testing.T) string {
	t.Helper()
	var live struct {
		Spec struct {
			Template struct {
				Spec struct{ Containers []struct{ Image string } }
			}
		}
	}
	g.api.ask(t, "GET", "/apis/apps/v1/namespaces/"+g.namespace+"/deployments/app", nil, &live)
	if len(live.Spec.Template.Spec.Containers) == 0 {
		return ""
	}
	return live.Spec.Template.Spec.Containers[0].Image
}

// Of a Kube that no repository has, the cluster's objects vouch for what is installed,
// and that for the revisions before it: going back asks nothing, over failures, drift and
// as many revisions as are kept. A revision that somebody rewrote does.
func TestE2EVouchedRollback(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	release := func(version string) string {
		return written(t, "app", version, strings.ReplaceAll(vouchedWorkload, "RELEASE", "app:"+version))
	}
	g.must(t, "install", release("1.0.0"), "--no-wait")
	g.must(t, "upgrade", release("2.0.0"), "--no-wait")
	g.must(t, "rollback", "app", "--no-wait")
	if got := g.image(t); got != "app:1.0.0" {
		t.Fatalf("the image is %q", got)
	}
	g.must(t, "rollback", "app", "2", "--no-wait") // revision 4

	// An attempt that fails in between.
	broken := written(t, "app", "3.0.0", strings.ReplaceAll(vouchedWorkload, "RELEASE", "app:3.0.0")+
		"---\napiVersion: v1\nkind: Pod\nmetadata: {name: stuck}\nspec: {nodeSelector: {no: such}, containers: [{name: a, image: a}]}\n")
	if _, notes, code := g.run(t, "upgrade", broken, "--timeout", "1s"); code != exitTimeout { // revision 5
		t.Fatalf("exit code %d: %s", code, notes)
	}
	g.must(t, "rollback", "app", "1", "--no-wait", "-y") // revision 6
	g.must(t, "rollback", "app", "4", "--no-wait")       // revision 7

	// Somebody rewrites the manifests, and the version, of revisions that could be gone back to.
	tenant.tamper("app", 4, withPod)
	tenant.tamper("app", 6, func(r map[string]any) { r["version"] = "9.9.9" })
	accept := "--accept-recorded " + g.namespace + "/app"
	g.refused(t, []string{"rollback", "app", "4", "-y"}, "Pod "+g.namespace+"/pwn", accept)
	g.refused(t, []string{"rollback", "app", "6", "-y", "--force-conflicts", "--allow-cluster-scoped"}, accept)

	// He rewrites the newest one as well, which then vouches for nothing, not even for what is as it was.
	tenant.tamper("app", 7, func(r map[string]any) { r["digests"].(map[string]any)["4"] = strings.Repeat("0", 64) })
	g.refused(t, []string{"rollback", "app", "1", "-y"}, accept)
	g.must(t, "upgrade", release("4.0.0"), "--no-wait") // revision 8: it vouches for itself alone
	g.refused(t, []string{"rollback", "app", "4", "-y"}, "Pod "+g.namespace+"/pwn")
	g.refused(t, []string{"rollback", "app", "1", "-y"}, accept)
	if g.has(t, pods+"pwn") {
		t.Error("the Pod is there")
	}

	// From there on what is written is vouched for again, also where older ones are forgotten.
	for _, version := range []string{"5.0.0", "6.0.0", "7.0.0", "8.0.0", "9.0.0", "10.0.0", "11.0.0", "12.0.0", "13.0.0"} {
		g.must(t, "upgrade", release(version), "--no-wait")
	}
	g.must(t, "rollback", "app", "8", "--no-wait")
	if got := g.image(t); got != "app:4.0.0" {
		t.Errorf("the image is %q", got)
	}
	g.must(t, "install", release("4.0.0"), "--no-wait")
	if out := g.must(t, "history", "app", "-o", "name"); !strings.HasPrefix(out, "18\n") {
		t.Errorf("the same once more has made a revision: %s", out)
	}
}

// A Kube of configuration alone is vouched for by the objects that it has: they say
// nothing of the workloads that a revision would bring.
func TestE2EVouchedConfiguration(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	release := func(version string) string {
		return written(t, "conf", version, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {v: '"+version+"'}\n")
	}
	g.must(t, "install", release("1.0.0"))
	g.must(t, "upgrade", release("2.0.0"))
	g.must(t, "rollback", "conf")
	tenant.tamper("conf", 2, withPod)
	g.refused(t, []string{"rollback", "conf", "2", "-y"}, "Pod "+g.namespace+"/pwn", "ConfigMap "+g.namespace+"/conf", "--accept-recorded "+g.namespace+"/conf")
	if g.has(t, pods+"pwn") {
		t.Error("the Pod is there")
	}
}

// Who may write Secrets writes the record and all objects of a Kube of Secrets alone, with
// the value that both would have of other inputs: it vouches for Secrets, and for nothing
// that he may not write.
func TestE2EVouchedByTheirOwn(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	tenant := tenantOf(t, g)
	const template = "apiVersion: v1\nkind: Secret\nmetadata: {name: sk}\nstringData:\n  v: 'VERSION'\n  team: {{ team }}\n"
	release := func(version string) string {
		return templated(t, "sk", version, strings.ReplaceAll(template, "VERSION", version), "team: none\n")
	}
	g.must(t, "install", release("1.0.0"), "--set", "team=b")
	evil := "b\n---\napiVersion: v1\nkind: Service\nmetadata: {name: hijack}\nspec: {externalIPs: [192.0.2.1], ports: [{port: 443}]}\n"
	record := history.Record{Overrides: []byte(strconv.Quote(evil))}
	record.Overrides = append(append([]byte(`{"team":`), record.Overrides...), '}')
	tenant.tamper("sk", 1, func(r map[string]any) {
		salt, err := base64.StdEncoding.DecodeString(r["salt"].(string))
		if err != nil {
			t.Fatal(err)
		}
		record.Salt = salt
		r["overrides"] = map[string]any{"team": evil}
	})
	var live map[string]any
	tenant.ask(t, http.MethodGet, tenant.path("/sk"), nil, &live)
	notes := live["metadata"].(map[string]any)["annotations"].(map[string]any)
	_, seal, _ := strings.Cut(notes["kpm.sh/inputs"].(string), ".")
	notes["kpm.sh/inputs"] = record.Inputs() + "." + seal
	if code := tenant.ask(t, http.MethodPut, tenant.path("/sk"), live, nil); code != http.StatusOK {
		t.Fatalf("writing the Secret: %d", code)
	}
	g.refused(t, []string{"upgrade", release("2.0.0"), "-y"}, "it would be added by what the cluster's record of sk", "--accept-recorded "+g.namespace+"/sk")
	if g.has(t, "/api/v1/namespaces/NS/services/hijack") {
		t.Error("the Service is there")
	}

	// What he labels as ours, of which nothing is recorded, is not taken over unasked.
	planted := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{
		"name": "late", "labels": map[string]any{"kpm.sh/installation": "late", "kpm.sh/namespace": g.namespace},
	}, "stringData": map[string]any{"extra": "planted"}}
	if code := tenant.ask(t, http.MethodPost, tenant.path(""), planted, nil); code != http.StatusCreated {
		t.Fatalf("writing the Secret: %d", code)
	}
	late := written(t, "late", "1.0.0", "apiVersion: v1\nkind: Secret\nmetadata: {name: late}\nstringData: {a: b}\n")
	g.refused(t, []string{"install", late, "-y"}, "of which nothing is recorded", "--adopt secret/"+g.namespace+"/late")
	if _, said, code := g.run(t, "install", late, "-y", "--adopt", "secret/late"); code != exitDone || !strings.Contains(said, ".data.extra") {
		t.Errorf("adopting it: exit code %d: %s", code, said)
	}
}
