package admit

import (
	"fmt"
	"math"
	"strings"
)

// object is a mapping of an object as it was read.
type object map[string]any

func (o object) text(key string) string { s, _ := o[key].(string); return s }

func (o object) is(key string) bool { b, _ := o[key].(bool); return b }

// has tells whether there is a value; null is none.
func (o object) has(key string) bool { return o[key] != nil }

// filled tells whether there is a value that is no empty list.
func (o object) filled(key string) bool {
	list, ok := o[key].([]any)
	return o.has(key) && (!ok || len(list) > 0)
}

func (o object) mapping(keys ...string) object {
	at := map[string]any(o)
	for _, key := range keys {
		at, _ = at[key].(map[string]any)
	}
	return at
}

func (o object) list(key string) []any { l, _ := o[key].([]any); return l }

// texts are the texts in a list; what is none is an empty one, so that numbers hold. Values
// as they were read cannot all be compared, nor be keys of a map.
func (o object) texts(key string) []string {
	list := o.list(key)
	out := make([]string, len(list))
	for i, item := range list {
		out[i], _ = item.(string)
	}
	return out
}

// items are the mappings in a list; what is none is an empty one, so that numbers hold.
func (o object) items(key string) []object {
	list := o.list(key)
	out := make([]object, len(list))
	for i, item := range list {
		out[i], _ = item.(map[string]any)
	}
	return out
}

// by is what a field says, as the key of an item.
func by(field string) func(object) string {
	return func(o object) string { return o.text(field) }
}

// repeated are the items of a list, by their numbers, whose key is that of one before them.
func (o object) repeated(list string, key func(object) string) []int {
	var again []int
	seen := map[string]bool{}
	for i, item := range o.items(list) {
		k := key(item)
		if seen[k] {
			again = append(again, i)
		}
		seen[k] = true
	}
	return again
}

// whole is a whole number, if there is one.
func (o object) whole(key string) (int64, bool) { return whole(o[key]) }

func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case float64:
		return int64(n), math.Abs(n) < 1<<63 && n == float64(int64(n))
	}
	return 0, false
}

// called says what a value is.
func called(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case bool:
		return fmt.Sprintf("%t", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprintf("the number %v", v)
}

// short is a text as it can stand in a message.
func short(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}

// claimNames are the names of the claims that a StatefulSet makes for each pod.
func claimNames(o object) []string {
	var names []string
	for _, c := range o.items("volumeClaimTemplates") {
		names = append(names, c.mapping("metadata").text("name"))
	}
	return names
}

// standard are the names of resources without a domain that containers may have.
func standard(name string) bool {
	return name == "cpu" || name == "memory" || name == "ephemeral-storage" || strings.HasPrefix(name, "hugepages-")
}

// anyOf tells whether a list has one of some words.
func anyOf(all []any, words ...string) bool {
	for _, v := range all {
		for _, w := range words {
			if v == w {
				return true
			}
		}
	}
	return false
}

// containerLists are the lists of containers of a pod that share their names.
var containerLists = []string{"initContainers", "containers", "ephemeralContainers"}

// eachContainer visits the containers of all lists of a pod.
func eachContainer(at *path, pod object, visit func(here *path, list string, c object)) {
	for _, list := range containerLists {
		for i, c := range pod.items(list) {
			visit(at.field(list).item(i), list, c)
		}
	}
}
