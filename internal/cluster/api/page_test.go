package api

import (
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// protobuf is an answer in the envelope that says so.
func protobuf(t *testing.T, code int, o interface{ Marshal() ([]byte, error) }) http.HandlerFunc {
	t.Helper()
	raw, err := o.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "Status"}, Raw: raw}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return protobufText(code, string(envelope))
}

func protobufText(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "k8s\x00"+text)
	}
}

func TestListObjectMeta(t *testing.T) {
	c, err := serve(t, Options{}, map[string]http.HandlerFunc{"GET /api/v1/secrets": protobuf(t, http.StatusOK, &metav1.PartialObjectMetadataList{
		Items: []metav1.PartialObjectMetadata{{ObjectMeta: metav1.ObjectMeta{
			Name: "kpm.web.v1", Namespace: "ns", UID: "u", ResourceVersion: "7",
			Labels: map[string]string{"kpm.sh/record": "web"}, Annotations: map[string]string{"kpm.sh/version": "1.0.0"},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kpm"}},
		}}},
	})})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.ListObjectMeta(t.Context(), Secrets, "", metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []*metav1.ObjectMeta{{
		Name: "kpm.web.v1", Namespace: "ns", UID: "u", ResourceVersion: "7",
		Labels: map[string]string{"kpm.sh/record": "web"}, Annotations: map[string]string{"kpm.sh/version": "1.0.0"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kpm"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

// A refusal is read in protobuf as well, and what is no list of metadata is none.
func TestListObjectMetaFaults(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"refused":        {protobuf(t, http.StatusForbidden, &metav1.Status{Status: metav1.StatusFailure, Message: "not for bob", Code: 200}), "not for bob"},
		"cut":            {protobufText(200, "\x0a\x7f"), ""},
		"something else": {clustertest.Answer(200, "k8s\x00\x0a\x7f"), ""},
		"nothing":        {clustertest.Answer(200, ""), ""},
	} {
		k, err := serve(t, Options{}, map[string]http.HandlerFunc{"GET /api/v1/secrets": c.answer})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.ListObjectMeta(t.Context(), Secrets, "", metav1.ListOptions{}); err == nil || c.want != "" && err.Error() != c.want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}
