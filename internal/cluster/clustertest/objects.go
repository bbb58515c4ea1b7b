package clustertest

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

func nameIn(o map[string]any) string { return text(o, "metadata", "name") }

func namespaceOf(o map[string]any) string { return text(o, "metadata", "namespace") }

func managersOf(o map[string]any) []any {
	all, _ := dig(o, "metadata")["managedFields"].([]any)
	return all
}

// selected tells whether selectors of the forms key=value and key choose an object.
func selected(o map[string]any, labels, fields string) bool {
	for _, want := range strings.FieldsFunc(labels, func(r rune) bool { return r == ',' }) {
		key, value, exact := strings.Cut(want, "=")
		got, there := dig(o, "metadata", "labels")[key].(string)
		if !there || exact && got != value {
			return false
		}
	}
	kind, ok := strings.CutPrefix(fields, "type=")
	return !ok || text(o, "type") == kind
}

// laid is a copy of below with what is over it; a null takes away.
func laid(below, over any) any {
	o, ok := over.(map[string]any)
	b, isMap := below.(map[string]any)
	if !ok || !isMap || b == nil {
		return clone(over)
	}
	out, _ := clone(b).(map[string]any)
	for key, v := range o {
		if v == nil {
			delete(out, key)
			continue
		}
		out[key] = laid(out[key], v)
	}
	return out
}

// dig is the mapping at path below m, or nil.
func dig(m map[string]any, path ...string) map[string]any {
	for _, key := range path {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// text is the text at path below m, or "".
func text(m map[string]any, path ...string) string {
	s, _ := dig(m, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return s
}

// ensure is the mapping at key of m, made when it is missing.
func ensure(m map[string]any, key string) map[string]any {
	below, ok := m[key].(map[string]any)
	if !ok {
		below = map[string]any{}
		m[key] = below
	}
	return below
}

func clone(v any) any { return runtime.DeepCopyJSONValue(v) }
