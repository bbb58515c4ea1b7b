package render

import (
	"maps"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/schema"
)

// Values are what templates see: nil, string, bool, int, float64, []any and
// Values.
type Values = map[string]any

// Layer is values from one place, with the lines that set them where the place
// is a file.
type Layer struct {
	Name   string // of the file, or the flag as it was typed
	Values Values
	lines  map[string]int // by JSON pointer
	odd    []oddWord
	keys   []string // of the place, where it sets one
	word   *word    // of --set, whose kind is not known yet
}

// Odd warns of the words of a file of values that templates print otherwise than
// they are written, such as 1.10 and yes.
func (l Layer) Odd() kube.Problems {
	var ps kube.Problems
	for _, w := range l.odd {
		ps = append(ps, kube.Problem{Path: l.Name, Line: w.line, Warning: true, Message: dotted(w.at) + ": " + w.how})
	}
	return ps
}

// Misread warns of such words of a layer that take the place of a text. It does not
// show them.
func Misread(defaults, over Layer) kube.Problems {
	var ps kube.Problems
	for _, w := range over.odd {
		if kindAt(defaults.Values, w.at) == schema.Text {
			ps = append(ps, kube.Problem{Path: over.Name, Line: w.line, Warning: true, Message: dotted(w.at) +
				": it replaces a text, and YAML reads it as no text: it prints otherwise than it is written, unless it is in quotes"})
		}
	}
	return ps
}

// oddWord is a word that prints otherwise than it is written.
type oddWord struct {
	at   []string
	line int
	how  string
}

// Defaults are the values that the Kube comes with: its values.yaml, or none.
func Defaults(k *kube.Kube) (Layer, error) {
	data, ok := k.File(kube.ValuesPath)
	if !ok {
		return Layer{Name: kube.ValuesPath, Values: Values{}}, nil
	}
	return ParseValues(kube.ValuesPath, data)
}

// Merge lays values over each other, the later over the earlier. Mappings are
// merged, lists are replaced. A null removes what is below it; where nothing is,
// it stays a null. A mapping whose keys are all of the form [N] sets items of
// the list below it. The layers are not changed.
func Merge(layers ...Layer) Values {
	out := Values{}
	for _, l := range layers {
		mergeInto(out, l.Values, merging{})
	}
	return finish(out).(Values)
}

// Overrides lays values over each other as Merge does, for values that are to be
// laid over defaults later: items of lists keep what they mean, and so does a null
// that removes one of the defaults. One that removes what an earlier layer set is
// done with. A mapping that a later layer sets again after an earlier one removed it, or
// set something else, holds a null for each name of the default that it does not have:
// a name that other defaults have besides is not removed by that.
func Overrides(defaults Values, layers ...Layer) Values {
	out := Values{}
	for _, l := range layers {
		mergeInto(out, l.Values, merging{later: true, defaults: defaults})
	}
	return out
}

// merging says what a null means.
type merging struct {
	later    bool // it may be for defaults over which the result will be laid
	defaults any  // these, at the place in question
}

// at is m one name further in.
func (m merging) at(name string) merging {
	switch defaults := m.defaults.(type) {
	case Values:
		m.defaults = defaults[name]
	case []any:
		m.defaults = nil
		if i, ok := itemIndex(name); ok && i < len(defaults) {
			m.defaults = defaults[i]
		}
	default:
		m.defaults = nil
	}
	return m
}

// removes reports whether a null for a name that is set is done with when it has removed that.
// An item of a list becomes null.
func (m merging) removes(name string) bool {
	if _, ok := itemIndex(name); ok {
		return false
	}
	defaults, _ := m.defaults.(Values)
	_, ok := defaults[name]
	return !m.later || !ok
}

func mergeInto(out, layer Values, m merging) {
	for key, value := range layer {
		below, there := out[key]
		if value == nil && there && m.removes(key) {
			delete(out, key)
			continue
		}
		if there && m.later && !joins(below, value) {
			out[key] = anew(m.at(key).defaults, clone(value))
			continue
		}
		out[key] = mergeValue(below, value, m.at(key))
	}
}

// joins reports whether a value is merged with the one below it, and does not replace it.
func joins(below, value any) bool {
	over, ok := value.(Values)
	switch below.(type) {
	case Values:
		return ok
	case []any:
		return ok && isItems(over)
	}
	return false
}

// anew is a value that replaces the default, also where it is laid over that.
func anew(defaults, value any) any {
	over, ok := value.(Values)
	if !ok {
		return value
	}
	if isItems(over) {
		return finish(over)
	}
	below, _ := defaults.(Values)
	for key, removed := range below {
		if set, ok := over[key]; ok {
			over[key] = anew(removed, set)
		} else {
			over[key] = nil
		}
	}
	return over
}

func mergeValue(below, value any, m merging) any {
	over, ok := value.(Values)
	if !ok {
		return clone(value)
	}
	switch b := below.(type) {
	case Values:
		out := maps.Clone(b)
		mergeInto(out, over, m)
		return out
	case []any:
		if isItems(over) {
			return mergeItems(b, over)
		}
	}
	return clone(value)
}

// mergeItems sets items of a list. A null removes nothing here: the items after
// it would change their numbers. A list replaced its default, if it is not that.
func mergeItems(below []any, over Values) []any {
	out := append([]any(nil), below...)
	for key, value := range over {
		i, _ := itemIndex(key)
		for len(out) <= i {
			out = append(out, nil)
		}
		out[i] = mergeValue(out[i], value, merging{})
	}
	return out
}

// finish makes lists of the mappings that set items of no list.
func finish(value any) any {
	switch v := value.(type) {
	case Values:
		if isItems(v) {
			return finish(mergeItems(nil, v))
		}
		for key, item := range v {
			v[key] = finish(item)
		}
	case []any:
		for i, item := range v {
			v[i] = finish(item)
		}
	}
	return value
}

// isItems reports whether v sets items of a list.
func isItems(v Values) bool {
	for key := range v {
		if _, ok := itemIndex(key); !ok {
			return false
		}
	}
	return len(v) > 0
}

// clone copies a value, so that nobody changes the layer that it came from.
func clone(value any) any {
	switch v := value.(type) {
	case Values:
		out := make(Values, len(v))
		for key, item := range v {
			out[key] = clone(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = clone(item)
		}
		return out
	}
	return value
}
