package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// fieldSet is a FieldsV1, which says what a manager has of an object (the package
// fieldpath of sigs.k8s.io/structured-merge-diff). "f:name" is a field, `k:{…}` the
// item of a list with these keys, "v:…" the item with this value, "." the thing
// itself. An empty set stands for the thing itself alone.
type fieldSet = map[string]any

func below(s fieldSet, key string) (fieldSet, bool) {
	b, ok := s[key].(map[string]any)
	return b, ok
}

// hasItself tells whether the thing at which s hangs is in it.
func hasItself(s fieldSet) bool {
	_, has := s["."]
	return has || len(s) == 0
}

// difference is what of a is not in b.
func difference(a, b fieldSet) fieldSet {
	kept := fieldSet{}
	for key := range a {
		mine, _ := below(a, key)
		theirs, shared := below(b, key)
		switch {
		case !shared || len(mine) == 0 && !hasItself(theirs):
			kept[key] = mine
		case len(mine) > 0:
			if rest := difference(mine, withItself(theirs)); len(rest) > 0 {
				kept[key] = rest
			}
		}
	}
	return kept
}

// common is what of a is in b as well.
func common(a, b fieldSet) fieldSet {
	found := fieldSet{}
	for key := range a {
		mine, _ := below(a, key)
		theirs, shared := below(b, key)
		switch {
		case !shared:
		case len(mine) == 0 && hasItself(theirs):
			found[key] = mine
		case len(mine) > 0:
			if both := common(mine, withItself(theirs)); len(both) > 0 {
				found[key] = both
			}
		}
	}
	return found
}

// joined is what is in a or in b.
func joined(a, b fieldSet) fieldSet {
	all := maps.Clone(a)
	if all == nil {
		all = fieldSet{}
	}
	for key := range b {
		theirs, _ := below(b, key)
		mine, shared := below(a, key)
		switch {
		case !shared:
			all[key] = theirs
		case len(mine) == 0 && len(theirs) == 0:
		default:
			all[key] = joined(withItself(mine), withItself(theirs))
		}
	}
	return all
}

func withItself(s fieldSet) fieldSet {
	if len(s) == 0 {
		return fieldSet{".": map[string]any{}}
	}
	return s
}

// hasAt reports whether s holds what lies at a path, or something below it.
func hasAt(s fieldSet, path []string) (has bool) {
	for _, key := range path {
		if s, has = below(s, key); !has {
			return false
		}
	}
	return true
}

// cut is s without what lies at a path or below it.
func cut(s fieldSet, path []string) fieldSet {
	rest, has := below(s, path[0])
	if !has {
		return s
	}
	kept := maps.Clone(s)
	if len(path) > 1 {
		rest = cut(rest, path[1:])
	}
	if len(path) == 1 || len(rest) == 0 {
		delete(kept, path[0])
		return kept
	}
	kept[path[0]] = rest
	return kept
}

// fieldSetAt is the set of the thing at a path.
func fieldSetAt(path []string) fieldSet {
	s := fieldSet{}
	for _, key := range slices.Backward(path) {
		s = fieldSet{key: s}
	}
	return s
}

// step goes from a value to what an element of a path names in it; nil when there
// is nothing.
func step(v any, element string) any {
	switch kind, name, _ := strings.Cut(element, ":"); kind {
	case "f":
		m, _ := v.(map[string]any)
		return m[name]
	case "k":
		items, _ := v.([]any)
		for _, item := range items {
			if hasKeys(item, name) {
				return item
			}
		}
	case "v":
		items, _ := v.([]any)
		for _, item := range items {
			if text, err := json.Marshal(item); err == nil && string(text) == name {
				return item
			}
		}
	}
	return nil
}

// hasKeys tells whether an item of a list has the keys, which are JSON. A protocol
// that it does not name is TCP.
func hasKeys(item any, keys string) bool {
	m, ok := item.(map[string]any)
	want, err := parseJSON(keys)
	if !ok || err != nil {
		return false
	}
	for key, v := range want {
		have := m[key]
		if have == nil && key == "protocol" {
			have = "TCP"
		}
		if !reflect.DeepEqual(have, v) {
			return false
		}
	}
	return true
}

func parseJSON(text string) (map[string]any, error) {
	var m map[string]any
	return m, utiljson.Unmarshal([]byte(text), &m)
}

// mapping is the mapping at a path below an object, nil when there is none.
func mapping(o map[string]any, path []string) map[string]any {
	var v any = o
	for _, element := range path {
		v = step(v, element)
	}
	m, _ := v.(map[string]any)
	return m
}

// same is what of s has in two objects the same value.
func same(s fieldSet, a, b any) fieldSet {
	found := fieldSet{}
	for key := range s {
		if key == "." {
			if a != nil && b != nil {
				found[key] = fieldSet{}
			}
			continue
		}
		set, _ := below(s, key)
		x, y := step(a, key), step(b, key)
		if len(set) == 0 {
			if x != nil && reflect.DeepEqual(x, y) {
				found[key] = set
			}
			continue
		}
		if deeper := same(set, x, y); len(deeper) > 0 {
			found[key] = deeper
		}
	}
	return found
}

// paths names the fields of s for people, as [Change] does. What only says that a
// mapping or an item is there is left out where fields below it are named.
func paths(s fieldSet) []string {
	var all []string
	var walk func(at string, s fieldSet)
	walk = func(at string, s fieldSet) {
		named := len(all)
		for _, key := range slices.Sorted(maps.Keys(s)) {
			if key != "." {
				set, _ := below(s, key)
				walk(at+pathElement(key), set)
			}
		}
		if len(all) == named && at != "" {
			all = append(all, at)
		}
	}
	walk("", s)
	return all
}

func pathElement(element string) string {
	kind, name, _ := strings.Cut(element, ":")
	keys, err := parseJSON(name)
	switch {
	case kind == "f" && strings.ContainsAny(name, "./["):
		return fmt.Sprintf("[%q]", name)
	case kind == "f":
		return "." + name
	case kind == "k" && err == nil:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			parts = append(parts, fmt.Sprintf("%s=%v", key, keys[key]))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "[" + name + "]"
}
