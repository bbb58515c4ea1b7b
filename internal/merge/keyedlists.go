package merge

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/walk"
)

// id tells an element of a list with keys from the others.
func id(item *yaml.Node, keys []string) string {
	text := item.Value
	for _, key := range keys {
		text += "\x00" + scalar(field(item, key))
	}
	return text
}

// orderOf is the order of a list by the ids of its elements, if they can be told apart by
// keys.
func orderOf(s walk.Sources, keys []string) ([]string, bool) {
	ids := make([][]string, len(s))
	if !keyed(s, keys, ids) {
		return nil, false
	}
	return order(ids[walk.OriginIndex], ids[walk.DestIndex], ids[walk.UpdatedIndex]), true
}

// keyed reports whether the elements of a list can be told apart by their keys,
// and by what: all of them on all sides have them, but for keys that none has.
func keyed(s walk.Sources, keys []string, ids [][]string) bool {
	has := make([]int, len(keys))
	total := 0
	for side, list := range s {
		if list.IsNil() {
			continue
		}
		known := map[string]bool{}
		for _, item := range list.Content() {
			at := id(item, keys)
			if known[at] || strings.Trim(at, "\x00") == "" {
				return false
			}
			known[at] = true
			ids[side] = append(ids[side], at)
			for k, key := range keys {
				has[k] += min(1, len(scalar(field(item, key))))
			}
			total++
		}
	}
	return total > 0 && !slices.ContainsFunc(has, func(n int) bool { return n != 0 && n != total })
}

// order is the order of the user's file, unless only the release changed that of
// base. What the other side has besides comes after what it follows there.
func order(base, ours, theirs []string) []string {
	kept := func(list []string) bool {
		return slices.Equal(only(base, list), only(list, base))
	}
	frame, other := ours, theirs
	if kept(ours) && !kept(theirs) {
		frame, other = theirs, ours
	}
	in := set(frame)
	last, after := "", map[string][]string{} // by what it follows; "" is no id
	for _, key := range other {
		if in[key] {
			last = key
			continue
		}
		after[last] = append(after[last], key)
	}
	out := slices.Clone(after[""])
	for _, key := range frame {
		out = append(append(out, key), after[key]...)
	}
	return out
}

func set(list []string) map[string]bool {
	all := map[string]bool{}
	for _, s := range list {
		all[s] = true
	}
	return all
}

// only are the elements of list that are in the other, too.
func only(list, other []string) []string {
	var out []string
	in := set(other)
	for _, s := range list {
		if in[s] {
			out = append(out, s)
		}
	}
	return out
}
