package images_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// TestRewrite: init and ephemeral containers, image volumes, env values and args that
// K3.yaml names; what was replaced is kept on the object, not on the pod template.
func TestRewrite(t *testing.T) {
	objects, ps := manifest.Decode("a.yaml", []byte(`apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  template:
    spec:
      initContainers: [{name: i, image: init:1}]
      containers: [{name: c, image: main:1, args: [--sidecar=quay.io/a/side:1, --other=quay.io/a/other:1], env: [{name: E, value: "quay.io/a/side:1"}]}]
      ephemeralContainers: [{name: e, image: eph:1}]
      volumes: [{name: v, image: {reference: vol:1}}]
`))
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	before := objects[0]
	got, err := images.Rewrite(before, []string{"quay.io/a/side:1"}, func(ref string) (string, error) { return "m/" + ref, nil })
	if err != nil {
		t.Fatal(err)
	}
	pod := got.Value["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	main := pod["containers"].([]any)[0].(map[string]any)
	if diff := cmp.Diff([]any{"--sidecar=m/quay.io/a/side:1", "--other=quay.io/a/other:1"}, main["args"]); diff != "" {
		t.Errorf("args (-want +got):\n%s", diff)
	}
	want := `{"/spec/template/spec/containers/0/args/0":"--sidecar=quay.io/a/side:1","/spec/template/spec/containers/0/env/0/value":"quay.io/a/side:1","/spec/template/spec/containers/0/image":"main:1","/spec/template/spec/ephemeralContainers/0/image":"eph:1","/spec/template/spec/initContainers/0/image":"init:1","/spec/template/spec/volumes/0/image/reference":"vol:1"}`
	if note := got.Value["metadata"].(map[string]any)["annotations"].(map[string]any)[images.Annotation]; note != want {
		t.Errorf("kept is %s", note)
	}
	again, _ := manifest.Decode("a.yaml", []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"))
	same, err := images.Rewrite(again[0], nil, nil)
	if err != nil || !reflect.DeepEqual(same, again[0]) {
		t.Errorf("what names no image was changed: %v, %v", same, err)
	}
	if before.Value["metadata"].(map[string]any)["annotations"] != nil {
		t.Error("the original was changed")
	}
}
