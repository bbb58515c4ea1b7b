package plan

import (
	"strings"
	"testing"
)

// What an author did not quote is no text in YAML, and a clash shows it as it was read.
func TestSharedPartShowsWhatIsNoText(t *testing.T) {
	t.Parallel()
	namespace := func(team any) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "n", "labels": map[string]any{"team": team}}}
	}
	for want, shown := range map[any]string{true: "true, which is no text", int64(7): "7, which is no text", "b": `"b"`} {
		_, clashes := sharedPart(namespace(want), namespace("a"), "kpm:n/k")
		if len(clashes) != 1 || !strings.HasSuffix(clashes[0], `label team is "a", and this Kube sets `+shown) {
			t.Errorf("%v: %q", want, clashes)
		}
	}
}
