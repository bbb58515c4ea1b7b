package api

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	want := []Hint{
		{Ref: web, Live: map[string]any{"metadata": map[string]any{"name": "web"}, "status": map[string]any{"replicas": int64(2)}}},
		{}, {Ref: web}, {},
	}
	var got []Hint
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
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Hint{})); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}
