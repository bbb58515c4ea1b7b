package yamlnode_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/kpm-sh/kpm/internal/yamlnode"
)

func TestLines(t *testing.T) {
	text := []byte("a: 1\nb:\n  c: [x,\n    y]\n  d:\n    1.0.0: why\n    e: f\n")
	for want, keys := range map[int][]string{1: {"a"}, 2: {"b"}, 3: {"b", "c"}, 6: {"b", "d", "1.0.0"}, 0: {"a", "b"}} {
		if got := yamlnode.Line(text, keys...); got != want {
			t.Errorf("%v is on line %d, want %d", keys, got, want)
		}
	}
	if got := yamlnode.Items(text, "b", "c"); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("items on lines %v", got)
	}
	if got := yamlnode.Keys(text, "b", "d"); !maps.Equal(got, map[string]int{"1.0.0": 6, "e": 7}) {
		t.Errorf("keys on lines %v", got)
	}
	if items, keys := yamlnode.Items(text, "b"), yamlnode.Keys(text, "a"); items != nil || keys != nil {
		t.Errorf("no list has items %v, no mapping has keys %v", items, keys)
	}
}
