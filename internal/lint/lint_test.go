package lint_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// pony is a Kube with the given manifests.
func pony(t testing.TB, manifests map[string]string) *kube.Kube {
	t.Helper()
	waiver := "# no template is among them"
	for name := range manifests {
		if strings.HasSuffix(name, ".tmpl") {
			waiver = "# kpm:allow template-alone: these tests are about templates"
		}
	}
	files := fstest.MapFS{"K3.yaml": {Data: []byte(waiver + "\nname: pony\nversion: 1.0.0\ndescription: A pony\nimages: [z:1, a:1]\n")}}
	for name, text := range manifests {
		files["manifests/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	k, ps := kube.ReadDir(files, "pony")
	if err := ps.Err(); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestFacts(t *testing.T) {
	k := pony(t, map[string]string{
		"a.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n---\n" +
			"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: m, image: m:1}, {name: a, image: a:1}]}\n",
		"b.json":      `{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"b"}}`,
		"c.yaml.tmpl": "apiVersion: v1\nkind: {{ 'Secret' }}\nmetadata: {name: c}\n",
	})
	got, ps := lint.Kube(t.Context(), k)
	if len(ps) > 0 {
		t.Error(ps)
	}
	want := lint.Facts{Kinds: []string{"Pod", "Secret", "ServiceAccount"}, Images: []string{"a:1", "m:1", "z:1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// workload is one that nothing is wrong with, of the name a.
const workload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: web}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec: {containers: [{name: a, image: "a:1", resources: {requests: {cpu: 10m}}, readinessProbe: {tcpSocket: {port: 80}}}]}
`

func TestKubeRefuses(t *testing.T) {
	const a = "# kpm:allow namespace: these are about namespaces\n" + workload
	for name, c := range map[string]struct {
		manifests map[string]string
		want      string
	}{
		"the same object in two files": {
			map[string]string{"a.yaml": a, "b.yaml": "# b\n" + a},
			"manifests/b.yaml:3: Deployment web/a is there twice, first in manifests/a.yaml:2",
		},
		"the same object in one file": {
			map[string]string{"a.yaml": a + "---\n" + a},
			"manifests/a.yaml:12: Deployment web/a is there twice, first in manifests/a.yaml:2",
		},
		"the same object in two versions": {
			map[string]string{"a.yaml": a, "b.yaml": strings.Replace(a, "apps/v1", "apps/v2", 1)},
			"manifests/b.yaml:2: Deployment web/a is there twice, first in manifests/a.yaml:2\nmanifests/b.yaml:2: Deployment web/a: apps/v2 has no kind Deployment, which is in apps/v1",
		},
		"other group": {
			map[string]string{"a.yaml": a, "b.yaml": "# kpm:allow unjudged: another Kube defines it\n" + strings.Replace(a, "apps/v1", "example.com/v1", 1)}, "",
		},
		"a removed kind": {
			map[string]string{"a.yaml": strings.Replace(a, "apps/v1", "extensions/v1beta1", 1), "b.yaml.tmpl": strings.ReplaceAll(strings.Replace(a, "apps/v1", "apps/v1beta2", 1), "name: a", "name: b")},
			"manifests/a.yaml:2: Deployment web/a: apiVersion is extensions/v1beta1: Kubernetes 1.16 removed it: write apps/v1\n" +
				"manifests/b.yaml.tmpl:2: with the default values: line 2 of what it gives: Deployment web/b: apiVersion is apps/v1beta2: Kubernetes 1.16 removed it: write apps/v1",
		},
		"an exported object": {
			map[string]string{"a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a, ownerReferences: [{apiVersion: v1, kind: Pod, name: b, uid: c}]}\n"},
			"manifests/a.yaml:3: warning: Secret a: ownerReferences name objects by UIDs that no other cluster has, and kpm leaves them out; take them out [owner-references]",
		},
		"replicas beside an autoscaler": {
			map[string]string{
				"a.yaml": strings.Replace(a, "spec:\n", "spec:\n  replicas: 2\n", 1), "c.yaml": scaler("a", "Deployment"),
			},
			"manifests/a.yaml:6: warning: Deployment web/a: has replicas, and HorizontalPodAutoscaler a sets them: an upgrade leaves them to it; take them out [scaled-replicas]",
		},
		"other namespace": {
			map[string]string{"a.yaml": a, "b.yaml": strings.Replace(a, "web", "db", 1)}, "",
		},
		"two faults": {
			map[string]string{"a.yaml": "a: b\n", "b.json": "a: b\n"},
			"manifests/a.yaml:1: apiVersion is missing\nmanifests/a.yaml:1: kind is missing\n" +
				"manifests/a.yaml:1: metadata.name is missing\nmanifests/b.json:1: not JSON: invalid character 'a' at start of value",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, ps := lint.Kube(t.Context(), pony(t, c.manifests))
			if diff := cmp.Diff(c.want, ps.Error()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// What lies in the objects of a Kube beside each other, there is an answer: values of every
// sort in every place of one, and in labels and selectors alike.
func TestOddValues(t *testing.T) {
	const service = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}}"
	scene, problems := manifest.Decode("a.yaml", []byte(workload+"---\n"+service+"\n---\n"+scaler("a", "Deployment")))
	if problems.Err() != nil || len(scene) != 3 {
		t.Fatalf("%d objects, %v", len(scene), problems)
	}
	for i := range scene {
		for at, object := range sharedtest.Odd(scene[i].Value) {
			objects := []map[string]any{scene[0].Value, scene[1].Value, scene[2].Value}
			objects[i] = object
			answers(t, at, objects...)
		}
	}
	for _, odd := range []any{map[string]any{}, []any{[]any{}}} {
		labels := map[string]any{"app": odd}
		template := map[string]any{"metadata": map[string]any{"labels": labels}, "spec": map[string]any{"containers": []any{map[string]any{"name": "a", "image": "a:1"}}}}
		for kind, selector := range map[string]any{
			"apps/v1 Deployment": map[string]any{"matchLabels": labels, "matchExpressions": []any{map[string]any{"key": "app", "operator": "In", "values": []any{odd}}}},
			"v1 Service":         labels, "v1 ReplicationController": labels,
		} {
			apiVersion, kind, _ := strings.Cut(kind, " ")
			spec := map[string]any{"selector": selector, "template": template, "ports": []any{map[string]any{"port": int64(80)}}}
			answers(t, kind, map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": "b"}, "spec": spec},
				map[string]any{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": "a"}, "spec": map[string]any{"selector": map[string]any{"matchLabels": labels}, "template": template}})
		}
	}
}

func answers(t *testing.T, at string, objects ...map[string]any) {
	t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			t.Errorf("%s: %v", at, fault)
		}
	}()
	files := map[string]string{}
	for i, o := range objects {
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%d.json", i)] = string(text)
	}
	_, _ = lint.Kube(t.Context(), pony(t, files)) //nolint:errcheck // whatever it says, it says something
}

func ExampleKube() {
	folder := fstest.MapFS{
		"K3.yaml":            {Data: []byte("name: web\nversion: 1.0.0\ndescription: A web server\n")},
		"manifests/web.yaml": {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx:1.29}]}\n")},
	}
	k, _ := kube.ReadDir(folder, "web")
	facts, problems := lint.Kube(context.Background(), k)
	fmt.Println(facts.Kinds, facts.Images, len(problems))
	// Output: [Pod] [nginx:1.29] 0
}

func scaler(name, kind string) string {
	return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: " + name + ", namespace: web}\n" +
		"spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: " + kind + ", name: " + name + "}} # kpm:allow namespace: as its target\n"
}
