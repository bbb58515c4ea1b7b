package admit_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/admit"
	"github.com/kpm-sh/kpm/internal/kinds"
)

// TestSizes: the values of a ConfigMap, and of a Secret as it becomes, have 1 MiB together.
func TestSizes(t *testing.T) {
	const most = 1 << 20
	text := func(n int) map[string]any { return map[string]any{"k": strings.Repeat("x", n)} }
	encoded := func(key string, n int) map[string]any {
		return map[string]any{key: base64.StdEncoding.EncodeToString(make([]byte, n))}
	}
	for i, c := range []struct {
		kind           string
		plain, encoded map[string]any
		over           bool
	}{
		{"ConfigMap", text(most), nil, false},
		{"ConfigMap", text(most + 1), nil, true},
		{"ConfigMap", text(most - 2), encoded("b", 2), false},
		{"ConfigMap", text(most - 2), encoded("b", 3), true},
		{"Secret", nil, encoded("b", most), false},
		{"Secret", nil, encoded("b", most+1), true},
		{"Secret", text(most - 3), encoded("b", 4), true},
		{"Secret", text(most - 3), encoded("k", 4), false},
	} {
		plain, coded := "data", "binaryData"
		if c.kind == "Secret" {
			plain, coded = "stringData", "data"
		}
		o := map[string]any{"apiVersion": "v1", "kind": c.kind, "metadata": map[string]any{"name": "a"}}
		if c.plain != nil {
			o[plain] = c.plain
		}
		if c.encoded != nil {
			o[coded] = c.encoded
		}
		faults, _ := admit.Native(o, kinds.Known())
		if got := strings.Contains(fmt.Sprint(faults), "and may have 1048576"); got != c.over || len(faults) > 1 {
			t.Errorf("%d: got %v, want a fault: %t", i, faults, c.over)
		}
	}
}
