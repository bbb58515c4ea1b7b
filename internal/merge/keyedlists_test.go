package merge_test

import (
	"slices"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// TestListKeys: the keys by which a merge tells the items of a list apart are
// those of the table that a diff has, whatever the kind.
func TestListKeys(t *testing.T) {
	n := 0
	for name, d := range openapi.Schema().Definitions {
		for field, p := range d.Properties {
			schema := openapi.ResourceSchema{Schema: &p}
			_, keys := schema.PatchStrategyAndKeyList()
			if len(keys) == 0 {
				continue
			}
			n++
			known := slices.ContainsFunc(manifest.ListKeys, func(k []string) bool { return slices.Equal(k, keys) })
			if !known {
				t.Errorf("%s %s: keys %v", name, field, keys)
			}
		}
	}
	t.Logf("%d lists", n)
	if n < 40 {
		t.Errorf("%d lists with keys, too few to be Kubernetes", n)
	}
}
