package sharedtest

import (
	"iter"
	"maps"
	"slices"
	"strconv"
)

// oddValues are of every sort that JSON has; some cannot be compared in Go, nor be keys.
var oddValues = []any{
	nil, true, int64(7), 0.5, "", "a", map[string]any{}, map[string]any{"a": []any{map[string]any{}}}, []any{}, []any{nil, nil},
	[]any{map[string]any{}, map[string]any{}}, []any{[]any{"a"}, []any{"a"}},
}

// Odd are copies of an object in which a value of another sort lies at one place, or at all
// places of one mapping. The key says which value it is and where, with [] for each item of
// a list. Its apiVersion and kind stay.
func Odd(object map[string]any) iter.Seq2[string, map[string]any] {
	return func(yield func(string, map[string]any) bool) {
		odd(object, "", func(at string, copied any) bool {
			o := copied.(map[string]any) //nolint:errcheck,forcetypeassert // a copy of a mapping is one
			o["apiVersion"], o["kind"] = object["apiVersion"], object["kind"]
			return yield(at, o)
		})
	}
}

// odd calls do with copies of v; it tells whether to go on.
func odd(v any, at string, do func(at string, copied any) bool) bool {
	switch v := v.(type) {
	case map[string]any:
		for i, value := range oddValues {
			all := map[string]any{}
			for key := range v {
				all[key] = value
			}
			if !do(strconv.Itoa(i)+" everywhere in "+at, all) {
				return false
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			put := func(at string, item any) bool {
				copied := maps.Clone(v)
				copied[key] = item
				return do(at, copied)
			}
			if !oddHere(v[key], at+"."+key, put) {
				return false
			}
		}
	case []any:
		for i, item := range v {
			put := func(at string, item any) bool {
				copied := slices.Clone(v)
				copied[i] = item
				return do(at, copied)
			}
			if !oddHere(item, at+"[]", put) {
				return false
			}
		}
	}
	return true
}

func oddHere(v any, at string, put func(string, any) bool) bool {
	for i, value := range oddValues {
		if !put(strconv.Itoa(i)+" at "+at, value) {
			return false
		}
	}
	return odd(v, at, put)
}
