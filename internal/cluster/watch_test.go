package cluster

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// TestNextEvent reads a watch that shows an object, a stranger, and the end of the
// object.
func TestNextEvent(t *testing.T) {
	web := Ref{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "ns", Name: "web"}
	events := json.NewDecoder(strings.NewReader(`
{"type":"MODIFIED","object":{"metadata":{"name":"web"},"status":{"replicas":2}}}
{"type":"ADDED","object":{"metadata":{"name":"other"}}}
{"type":"DELETED","object":{"metadata":{"name":"web"}}}
{"type":"ERROR","object":{"kind":"Status","code":410}}
`))
	want := []hint{
		{ref: web, live: map[string]any{"metadata": map[string]any{"name": "web"}, "status": map[string]any{"replicas": int64(2)}}},
		{}, {ref: web}, {},
	}
	var got []hint
	for {
		h, err := next(events, map[string]Ref{"web": web})
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, h)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(hint{})); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}

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
	p, err := answer{body: append([]byte("k8s\x00"), envelope...)}.page()
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
		if p, err := (answer{body: []byte(body)}).page(); err == nil {
			t.Errorf("%s: got %v, want an error", name, p)
		}
	}
}

// TestEncodeWithPackedManifests writes a record in two members, as one that was
// packed as a whole is read.
func TestEncodeWithPackedManifests(t *testing.T) {
	r := full()
	end, err := r.pack()
	if err != nil {
		t.Fatal(err)
	}
	r.Inventory = append(r.Inventory, Item{Ref: Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "late"}, UID: "1"})
	data, err := r.encodeWith(end)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeRecord(data, true, &budget{maxItems})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Manifests, got.Manifests); diff != "" || len(got.Inventory) != len(r.Inventory) {
		t.Errorf("manifests (-want +got):\n%s%d items, want %d", diff, len(got.Inventory), len(r.Inventory))
	}
}
