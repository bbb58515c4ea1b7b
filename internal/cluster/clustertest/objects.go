package clustertest

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	"k8s.io/apimachinery/pkg/runtime"
)

func nameIn(o map[string]any) string { return object.Text(o, "metadata", "name") }

func namespaceOf(o map[string]any) string { return object.Text(o, "metadata", "namespace") }

func managersOf(o map[string]any) []any {
	all, _ := object.Map(o, "metadata")["managedFields"].([]any)
	return all
}

// selected tells whether selectors of the forms key=value and key choose an object.
func selected(o map[string]any, labels, fields string) bool {
	for _, want := range strings.FieldsFunc(labels, func(r rune) bool { return r == ',' }) {
		key, value, exact := strings.Cut(want, "=")
		got, there := object.Map(o, "metadata", "labels")[key].(string)
		if !there || exact && got != value {
			return false
		}
	}
	kind, ok := strings.CutPrefix(fields, "type=")
	return !ok || object.Text(o, "type") == kind
}

// overlay is a copy of below with what is over it; a null takes away.
func overlay(below, over any) any {
	o, ok := over.(map[string]any)
	b, isMap := below.(map[string]any)
	if !ok || !isMap || b == nil {
		return runtime.DeepCopyJSONValue(over)
	}
	out, _ := runtime.DeepCopyJSONValue(b).(map[string]any)
	for key, v := range o {
		if v == nil {
			delete(out, key)
			continue
		}
		out[key] = overlay(out[key], v)
	}
	return out
}
