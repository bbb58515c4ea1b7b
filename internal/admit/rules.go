package admit

import (
	_ "embed" // the rules
	"strings"
	"sync"
)

//go:embed rules.txt
var text string

// rule says what is wrong with a value, "" for nothing.
type rule struct {
	sort Sort
	says func(v any) string
}

// timed is a rule that some servers have.
type timed struct {
	rule
	in minors
}

// fieldRule is what is required of a field.
type fieldRule struct {
	required bool // it is there, and not empty
	filled   bool // it is there, and has an item
	optional bool // it may be left out, whatever OpenAPI says
	rules    []timed
	each     []timed // of the items of a list
	keys     []timed // of the names in a mapping
	values   []timed // of the values in one
}

// fieldRules are those of a type, by field.
type fieldRules map[string]*fieldRule

var rulesByType = sync.OnceValue(func() map[string]fieldRules {
	all := map[string]fieldRules{}
	var types []string
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			words := strings.Fields(line)
			for _, t := range types {
				for field := range strings.SplitSeq(words[0], ",") {
					all[t].add(field, words[1:])
				}
			}
		default:
			types = strings.Fields(line)
			for _, t := range types {
				if all[t] == nil {
					all[t] = fieldRules{}
				}
			}
		}
	}
	return all
})

func (rs fieldRules) add(field string, words []string) {
	r := rs[field]
	if r == nil {
		r = &fieldRule{}
		rs[field] = r
	}
	for _, w := range words {
		switch of, rest, _ := strings.Cut(w, ":"); {
		case w == "required":
			r.required = true
		case w == "filled":
			r.filled = true
		case w == "optional":
			r.optional = true
		case of == "each":
			r.each = append(r.each, word(rest))
		case of == "key":
			r.keys = append(r.keys, word(rest))
		case of == "val":
			r.values = append(r.values, word(rest))
		default:
			r.rules = append(r.rules, word(w))
		}
	}
}

// word is the rule of one word of the file, as in min=1.
func word(w string) timed {
	name, arg, _ := strings.Cut(w, "=")
	if make, ok := made[name]; ok {
		return timed{make(arg), wordMinors[name]}
	}
	r, ok := plainWords[name]
	if !ok {
		panic("admit: rules.txt has the word " + w)
	}
	return timed{r, wordMinors[name]}
}

func (rs fieldRules) optional(field string) bool { return rs[field] != nil && rs[field].optional }

// apply holds the value of a field to its rules.
func (rs fieldRules) apply(f *faults, at *path, field string, v any) {
	r := rs[field]
	if r == nil || v == nil {
		return
	}
	say := func(at *path, all []timed, v any) {
		for _, one := range all {
			if text := one.says(v); text != "" {
				f.addIn(one.in, at, one.sort, "%s", text)
				return
			}
		}
	}
	say(at, r.rules, v)
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if len(r.each) > 0 && (item == nil || item == "") {
				f.add(at.item(i), Required, "is empty")
			}
			say(at.item(i), r.each, item)
		}
	case map[string]any:
		for _, key := range sorted(v) {
			say(at.field(key), r.keys, key)
			say(at.field(key), r.values, v[key])
		}
	}
}

// missing refuses what has to be there and is not, or is empty.
func (rs fieldRules) missing(f *faults, at *path, m map[string]any) {
	for _, field := range rs.sorted() {
		r := rs[field]
		v := m[field]
		switch {
		case r.required && (v == nil || v == ""), r.filled && v == nil:
			f.missing(at.field(field))
		case r.filled && isEmpty(v):
			f.add(at.field(field), Required, "is empty, and needs an entry")
		}
	}
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func (rs fieldRules) sorted() []string {
	all := map[string]any{}
	for field := range rs {
		all[field] = nil
	}
	return sorted(all)
}
