package plan

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// TestFieldSets holds the arithmetic of field sets against what each means: a thing
// is in its set when it is empty or has ".".
func TestFieldSets(t *testing.T) {
	for name, c := range map[string]struct{ a, b, without, common, joined string }{
		"other fields":   {`{"f:a":{}}`, `{"f:b":{}}`, `{"f:a":{}}`, `{}`, `{"f:a":{},"f:b":{}}`},
		"the same":       {`{"f:a":{}}`, `{"f:a":{}}`, `{}`, `{"f:a":{}}`, `{"f:a":{}}`},
		"deeper":         {`{"f:a":{"f:x":{},"f:y":{}}}`, `{"f:a":{"f:x":{}}}`, `{"f:a":{"f:y":{}}}`, `{"f:a":{"f:x":{}}}`, `{"f:a":{"f:x":{},"f:y":{}}}`},
		"leaf and deep":  {`{"f:a":{}}`, `{"f:a":{"f:x":{}}}`, `{"f:a":{}}`, `{}`, `{"f:a":{".":{},"f:x":{}}}`},
		"deep and leaf":  {`{"f:a":{".":{},"f:x":{}}}`, `{"f:a":{}}`, `{"f:a":{"f:x":{}}}`, `{"f:a":{".":{}}}`, `{"f:a":{".":{},"f:x":{}}}`},
		"item of a list": {`{"f:l":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}},"k:{\"name\":\"b\"}":{".":{}}}}`, `{"f:l":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}}`, `{"f:l":{"k:{\"name\":\"b\"}":{".":{}}}}`, `{"f:l":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}}`, `{"f:l":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}},"k:{\"name\":\"b\"}":{".":{}}}}`},
	} {
		a, b := parsed(t, c.a), parsed(t, c.b)
		for _, op := range []struct {
			name string
			got  fieldSet
			want string
		}{{"without", difference(a, b), c.without}, {"common", common(a, b), c.common}, {"joined", joined(a, b), c.joined}} {
			if diff := cmp.Diff(parsed(t, op.want), op.got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, op.name, diff)
			}
		}
		if diff := cmp.Diff(parsed(t, c.a), a) + cmp.Diff(parsed(t, c.b), b); diff != "" {
			t.Errorf("%s: an argument was changed:\n%s", name, diff)
		}
	}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	o, err := parseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestPaths(t *testing.T) {
	s := parsed(t, `{"f:metadata":{"f:annotations":{".":{},"f:a.b/c":{}}},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{}}},"f:finalizers":{"v:\"x\"":{}}}}`)
	want := []string{`.metadata.annotations["a.b/c"]`, `.spec.finalizers["x"]`, `.spec.ports[port=80,protocol=TCP]`}
	if got := paths(s); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestTakeOverAll: where a tool has nothing but what is taken over, its entry goes and the fields
// are the installation's.
func TestTakeOverAll(t *testing.T) {
	fields := func() map[string]any { return map[string]any{"f:data": map[string]any{"f:a": map[string]any{}}} }
	live := map[string]any{"metadata": map[string]any{"managedFields": []any{
		map[string]any{"manager": "kubectl-create", "operation": "Update", "apiVersion": "v1", "fieldsV1": fields()},
	}}}
	entries, changed := takeover{ours: fields()}.managed(live, api.Ref{APIVersion: "v1", Kind: "ConfigMap"}, "kpm:web/a", time.Now())
	if len(entries) != 1 || !changed {
		t.Fatalf("got %v, changed: %v", entries, changed)
	}
	mine := entries[0].(map[string]any)
	if mine["manager"] != "kpm:web/a" || !sameSet(object.Map(mine, "fieldsV1"), fields()) {
		t.Errorf("got %v", mine)
	}
}
