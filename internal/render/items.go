package render

import (
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

// itemOf is a[key]: an item, or else an attribute.
func itemOf(v, key any) (any, bool) {
	if found, ok := operator.GetItem(v, key); ok {
		return found, true
	}
	if name, ok := python.Text(key); ok {
		return methods.Attr(v, name)
	}
	return nil, false
}

func keysOf(v any) []string {
	if d, ok := v.(*python.Dict); ok {
		return textsOf(d.Keys())
	}
	return nil
}

// textsOf are those of keys that are texts.
func textsOf(keys []any) []string {
	var out []string
	for _, k := range keys {
		if s, ok := python.Text(k); ok {
			out = append(out, s)
		}
	}
	return out
}

func pairsOf(d *python.Dict) []any {
	out := make([]any, d.Len())
	for i, key := range d.Keys() {
		out[i] = python.NewTuple(key, d.Values()[i])
	}
	return out
}
