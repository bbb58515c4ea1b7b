package merge

import (
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/kustomize/kyaml/yaml/walk"
)

// keyedList is the order that a list with keys is to have. kyaml appends what is
// new, but the order of init containers counts.
type keyedList struct {
	keys, ids []string
}

func (l keyedList) sort(items []*yaml.Node) {
	place := map[string]int{}
	for i, id := range l.ids {
		place[id] = i
	}
	slices.SortStableFunc(items, func(a, b *yaml.Node) int { return place[id(a, l.keys)] - place[id(b, l.keys)] })
}

// id tells an element of a list with keys from the others.
func id(item *yaml.Node, keys []string) string {
	text := item.Value
	for _, key := range keys {
		text += "\x00" + scalar(field(item, key))
	}
	return text
}

// orderOf is the order of a list, if its elements can be told apart by keys.
func orderOf(s walk.Sources, keys []string) (keyedList, bool) {
	ids := make([][]string, len(s))
	if !keyed(s, keys, ids) {
		return keyedList{}, false
	}
	return keyedList{keys, order(ids[walk.OriginIndex], ids[walk.DestIndex], ids[walk.UpdatedIndex])}, true
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
		for _, item := range list.Content() {
			at := id(item, keys)
			if slices.Contains(ids[side], at) || strings.Trim(at, "\x00") == "" {
				return false
			}
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
	out := slices.Clone(frame)
	at := 0
	for _, key := range other {
		if i := slices.Index(out, key); i >= 0 {
			at = i + 1
			continue
		}
		out = slices.Insert(out, at, key)
		at++
	}
	return out
}

// only are the elements of list that are in the other, too.
func only(list, other []string) []string {
	var out []string
	for _, s := range list {
		if slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}
