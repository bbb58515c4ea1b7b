package lint_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// pony is a Kube with the given manifests.
func pony(t testing.TB, manifests map[string]string) *kube.Kube {
	t.Helper()
	files := fstest.MapFS{"K3.yaml": {Data: []byte("name: pony\nversion: 1.0.0\ndescription: A pony\nimages: [z:1, a:1]\n")}}
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
		"a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n" +
			"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{image: m:1}, {image: a:1}]}}}\n",
		"b.json":      `{"apiVersion":"v1","kind":"Service","metadata":{"name":"b"}}`,
		"c.yaml.tmpl": "apiVersion: v1\nkind: {{ 'Secret' }}\nmetadata: {name: c}\n",
	})
	got, ps := lint.Kube(t.Context(), k)
	if len(ps) > 0 {
		t.Error(ps)
	}
	want := lint.Facts{Kinds: []string{"Deployment", "Secret", "Service"}, Images: []string{"a:1", "m:1", "z:1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestKubeRefuses(t *testing.T) {
	const a = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: web}\n"
	for name, c := range map[string]struct {
		manifests map[string]string
		want      string
	}{
		"the same object in two files": {
			map[string]string{"a.yaml": a, "b.yaml": "# b\n" + a},
			"manifests/b.yaml:2: Deployment web/a is there twice, first in manifests/a.yaml:1",
		},
		"the same object in one file": {
			map[string]string{"a.yaml": a + "---\n" + a},
			"manifests/a.yaml:5: Deployment web/a is there twice, first in manifests/a.yaml:1",
		},
		"the same object in two versions": {
			map[string]string{"a.yaml": a, "b.yaml": strings.Replace(a, "apps/v1", "apps/v2", 1)},
			"manifests/b.yaml:1: Deployment web/a is there twice, first in manifests/a.yaml:1",
		},
		"other group": {
			map[string]string{"a.yaml": a, "b.yaml": strings.Replace(a, "apps/v1", "example.com/v1", 1)}, "",
		},
		"a removed kind": {
			map[string]string{"a.yaml": strings.Replace(a, "apps/v1", "extensions/v1beta1", 1), "b.yaml.tmpl": strings.Replace(a, "apps/v1", "apps/v1beta2", 1)},
			"manifests/a.yaml:1: warning: Deployment in extensions/v1beta1: Kubernetes 1.16 removed it: write apps/v1\n" +
				"manifests/b.yaml.tmpl: warning: with the default values: line 1 of what it gives: Deployment in apps/v1beta2: Kubernetes 1.16 removed it: write apps/v1",
		},
		"an exported object": {
			map[string]string{"a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a, ownerReferences: [{apiVersion: v1, kind: Pod, name: b, uid: c}]}\n"},
			"manifests/a.yaml:1: warning: Secret a has ownerReferences: they name objects by UIDs that no other cluster has, and kpm leaves them out; take them out",
		},
		"replicas beside an autoscaler": {
			map[string]string{
				"a.yaml":      a + "spec: {replicas: 2}\n---\n" + strings.Replace(a, "name: a", "name: b", 1) + "spec: {replicas: 2}\n",
				"b.yaml.tmpl": "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: c, namespace: web}\nspec: {replicas: {{ 1 + 1 }}}\n---\n" + scaler("c", "StatefulSet"),
				"c.yaml":      scaler("a", "Deployment"),
			},
			"manifests/a.yaml:1: warning: Deployment web/a has replicas, and HorizontalPodAutoscaler a sets them: an upgrade leaves them to it; take them out\n" +
				"manifests/b.yaml.tmpl: warning: with the default values: line 1 of what it gives: StatefulSet web/c has replicas, and HorizontalPodAutoscaler c sets them: an upgrade leaves them to it; take them out",
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

func ExampleKube() {
	folder := fstest.MapFS{
		"K3.yaml":            {Data: []byte("name: web\nversion: 1.0.0\ndescription: A web server\n")},
		"manifests/web.yaml": {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{image: nginx:1.29}]}\n")},
	}
	k, _ := kube.ReadDir(folder, "web")
	facts, problems := lint.Kube(context.Background(), k)
	fmt.Println(facts.Kinds, facts.Images, len(problems))
	// Output: [Pod] [nginx:1.29] 0
}

func scaler(name, kind string) string {
	return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: " + name + ", namespace: web}\n" +
		"spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: " + kind + ", name: " + name + "}}\n"
}
