package api

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestPageOfRecords(t *testing.T) {
	list := metav1.PartialObjectMetadataList{
		ListMeta: metav1.ListMeta{ResourceVersion: "9", Continue: "next"},
		Items: []metav1.PartialObjectMetadata{{ObjectMeta: metav1.ObjectMeta{
			Name: "kpm.web.v1", Namespace: "ns", UID: "u", ResourceVersion: "7",
			Labels: map[string]string{"kpm.sh/record": "web"}, Annotations: map[string]string{"kpm.sh/version": "1.0.0"},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kpm"}},
		}}},
	}
	raw, err := list.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := (&runtime.Unknown{Raw: raw}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	p, err := answer{Body: append([]byte("k8s\x00"), envelope...)}.page()
	if err != nil || p.Continue != "next" || len(p.Items) != 1 {
		t.Fatalf("got %+v, %v", p, err)
	}
	want := map[string]any{
		"name": "kpm.web.v1", "namespace": "ns", "uid": "u", "resourceVersion": "7",
		"labels": map[string]any{"kpm.sh/record": "web"}, "annotations": map[string]any{"kpm.sh/version": "1.0.0"},
	}
	if diff := cmp.Diff(want, fields(&p.Items[0].ObjectMeta)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestPageOfSomethingElse(t *testing.T) {
	for name, body := range map[string]string{"JSON": `{"kind":"PartialObjectMetadataList"}`, "cut": "k8s\x00\x0a\x7f", "nothing": ""} {
		if p, err := (answer{Body: []byte(body)}).page(); err == nil {
			t.Errorf("%s: got %v, want an error", name, p)
		}
	}
}
