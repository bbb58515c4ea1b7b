package manifest_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/manifest"
)

func TestInNamespace(t *testing.T) {
	const crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: %[1]ss.e.com}\nspec: {group: e.com, scope: %[2]s, names: {kind: %[1]s}}\n---\n"
	text := fmt.Sprintf(crd, "Pony", "Namespaced") + fmt.Sprintf(crd, "Stable", "Cluster")
	var want []string
	for _, o := range []struct{ api, kind, want string }{
		{"v1", "ConfigMap", "web"},
		{"v1", "Namespace", ""},
		{"v1", "PersistentVolume", ""},
		{"v1", "PersistentVolumeClaim", "web"},
		{"apps/v1", "Deployment", "web"},
		{"extensions/v1beta1", "Ingress", "web"},
		{"networking.k8s.io/v1", "Ingress", "web"},
		{"networking.k8s.io/v1", "IngressClass", ""},
		{"rbac.authorization.k8s.io/v1", "Role", "web"},
		{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", ""},
		{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", ""},
		{"policy/v1", "PodDisruptionBudget", "web"},
		{"storage.k8s.io/v1", "CSIStorageCapacity", "web"},
		{"storage.k8s.io/v1", "StorageClass", ""},
		{"e.com/v1", "Pony", "web"},
		{"e.com/v1", "Stable", ""},
		{"gateway.networking.k8s.io/v1", "Gateway", "unknown"},
	} {
		text += fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x}\n---\n", o.api, o.kind)
		want = append(want, o.kind+" "+o.want)
	}
	text += "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: other}\n"
	want = append(want, "Secret other")
	objects, ps := manifest.Decode("a.yaml", []byte(text))
	if err := ps.Err(); err != nil {
		t.Fatal(err)
	}
	placed, unknown := manifest.InNamespace(objects, "web")
	var got []string
	for i, o := range placed[2:] {
		namespace := o.Namespace
		if len(unknown) == 1 && unknown[0].Kind == o.Kind {
			namespace = "unknown"
		}
		got = append(got, o.Kind+" "+namespace)
		meta := o.Value["metadata"].(map[string]any)
		if written, _ := meta["namespace"].(string); written != o.Namespace {
			t.Errorf("%s: namespace %q is written", o, written)
		}
		if before := objects[2+i]; before.Namespace != "" && before.Namespace != "other" {
			t.Errorf("%s was changed", before)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	if meta := objects[2].Value["metadata"].(map[string]any); meta["namespace"] != nil {
		t.Error("the objects given were changed")
	}
}
