package manifest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// TestLines finds fields among few and many, in documents and in lists.
func TestLines(t *testing.T) {
	var long strings.Builder
	for i := range 40 {
		fmt.Fprintf(&long, "  k%d: v\n", i)
	}
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
	text := fmt.Sprintf(head, "a") + "data:\n" + long.String() + "---\n" + fmt.Sprintf(head, "b") + "data:\n  x: y\n---\n" +
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata:\n    name: c\n- kind: ConfigMap\n  apiVersion: v1\n  metadata:\n    name: c\n"
	objects, ps := manifest.Decode("a.yaml", []byte(text))
	if ps.Err() != nil || len(objects) != 4 {
		t.Fatal(len(objects), ps)
	}
	lines := manifest.LinesOf([]byte(text))
	for _, c := range []struct {
		object int
		at     []any
		want   int
	}{
		{0, []any{"data", "k39"}, 44},
		{0, []any{"data", "k0"}, 5},
		{0, []any{"data", "none"}, 4},
		{1, []any{"data", "x"}, 50},
		{2, []any{"metadata", "name"}, 58},
		{3, []any{"metadata", "name"}, 62},
		{3, []any{"none"}, 59},
	} {
		if got := lines.Of(objects[c.object], c.at); got != c.want {
			t.Errorf("%s %v: got %d, want %d", objects[c.object], c.at, got, c.want)
		}
	}
}
