package schema

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// work counts the steps of holding values to a schema, and ends it when there are too
// many: the check of a format, which every part of a schema gets, then refuses
// everything.
type work struct {
	steps int
	each  int // what a step counts: the deeper the values, the longer it takes to say where one is
}

// done tells whether there were too many steps.
func (w *work) done() error {
	if w.steps > maxWork {
		return fmt.Errorf("holding the values to it takes more than %d steps; look for parts that refer to themselves more than once", maxWork)
	}
	return nil
}

// watch counts what s takes, and the parts that it leads to.
func (w *work) watch(s *jsonschema.Schema, known map[*jsonschema.Schema]bool) {
	if s == nil || known[s] {
		return
	}
	known[s] = true
	inner := parts(s)
	same := 1
	for _, p := range inner {
		w.watch(p, known)
	}
	for _, p := range sameValue(s) {
		same += weight(p)
	}
	below := below(s)
	before := s.Format
	counted := &jsonschema.Format{Validate: func(v any) error {
		if w.steps += w.each * (same + steps(s, below, v)); w.steps > maxWork {
			return w.done()
		}
		if before != nil && before.Validate != nil {
			return before.Validate(v)
		}
		return nil
	}}
	if before != nil {
		counted.Name = before.Name
	}
	s.Format = counted
}

// steps are those that the values inside of v take at s itself.
func steps(s *jsonschema.Schema, below int, v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			n += below
			if p := s.Properties[name]; p != nil {
				n += weight(p)
			}
			for re := range s.PatternProperties {
				n += matching(re, name)
			}
		}
		n += len(v) + len(s.Required)/16
	case []any:
		n = len(v) * below
		for i, p := range s.PrefixItems {
			if i < len(v) {
				n += weight(p)
			}
		}
	case string:
		n = len(v) / 256
		if s.Pattern != nil {
			n += matching(s.Pattern, v)
		}
	}
	return n
}

// matching are the steps of a pattern in a text.
func matching(re jsonschema.Regexp, text string) int {
	if p, ok := re.(pattern); ok {
		return 1 + len(text)*p.instructions/1024
	}
	return 1 + len(text)/16
}

// sameValue are the parts of s that the value itself is held to.
func sameValue(s *jsonschema.Schema) []*jsonschema.Schema {
	some := []*jsonschema.Schema{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		some = append(some, list...)
	}
	for _, p := range s.DependentSchemas {
		some = append(some, p)
	}
	for _, p := range s.Dependencies {
		if p, ok := p.(*jsonschema.Schema); ok {
			some = append(some, p)
		}
	}
	return some
}

// below are the steps that each value inside of one takes at most, whatever its name.
func below(s *jsonschema.Schema) int {
	n := 0
	some := []*jsonschema.Schema{s.PropertyNames, s.UnevaluatedProperties, s.UnevaluatedItems, s.Contains, s.Items2020}
	for _, more := range []any{s.AdditionalProperties, s.Items, s.AdditionalItems} {
		p, _ := more.(*jsonschema.Schema)
		some = append(some, p)
	}
	list, _ := s.Items.([]*jsonschema.Schema)
	some = append(some, list...)
	for _, p := range s.PatternProperties {
		some = append(some, p)
	}
	for _, p := range some {
		n += weight(p)
	}
	return n
}

// weight are the steps of a part that refuses a value for its kind, or for being none of
// some words: that is not counted where it is done.
func weight(s *jsonschema.Schema) int {
	if s == nil {
		return 0
	}
	n := 16
	if s.Enum != nil {
		n += constant(s.Enum.Values)
	}
	if s.Const != nil {
		n += constant(*s.Const)
	}
	return n / 16
}

// constant is how long it takes to compare something with a value: numbers take the longest.
func constant(v any) int {
	n := 1
	switch v := v.(type) {
	case json.Number:
		n = 16
	case []any:
		for _, item := range v {
			n += constant(item)
		}
	case map[string]any:
		for _, item := range v {
			n += constant(item)
		}
	}
	return n
}

// parts are all that s leads to, whatever the word.
func parts(s *jsonschema.Schema) []*jsonschema.Schema {
	var all []*jsonschema.Schema
	fields := reflect.ValueOf(s).Elem()
	for i := range fields.NumField() {
		if !fields.Type().Field(i).IsExported() {
			continue
		}
		switch v := fields.Field(i).Interface().(type) {
		case *jsonschema.Schema:
			all = append(all, v)
		case []*jsonschema.Schema:
			all = append(all, v...)
		case map[string]*jsonschema.Schema:
			for _, p := range v {
				all = append(all, p)
			}
		case map[jsonschema.Regexp]*jsonschema.Schema:
			for _, p := range v {
				all = append(all, p)
			}
		case map[string]any:
			for _, p := range v {
				if p, ok := p.(*jsonschema.Schema); ok {
					all = append(all, p)
				}
			}
		case *jsonschema.DynamicRef:
			if v != nil {
				all = append(all, v.Ref)
			}
		}
	}
	return all
}

// depth is how many mappings and lists are inside each other.
func depth(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n = max(n, 1+depth(item))
		}
	case map[string]any:
		for _, item := range v {
			n = max(n, 1+depth(item))
		}
	}
	return n
}
