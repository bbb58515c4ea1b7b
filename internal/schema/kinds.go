package schema

import (
	"encoding/json"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Kinds are what values a place may have; 0: nothing is known.
type Kinds uint

// The kinds of values that JSON has.
const (
	Text Kinds = 1 << iota
	Bool
	Number
	List
	Mapping
	Null
	Anything = Text | Bool | Number | List | Mapping | Null
)

// KindOf is the kind of one value.
func KindOf(value any) Kinds {
	switch value.(type) {
	case string:
		return Text
	case bool:
		return Bool
	case int, float64, json.Number:
		return Number
	case []any:
		return List
	case map[string]any:
		return Mapping
	}
	return Null
}

// maxSteps bounds how many parts of a schema are looked at for one place.
const maxSteps = 10_000

// Allowed are the kinds that the schema allows at a place: names, and numbers of
// items. Where it is too involved, or nil, that is anything: Faults has the last
// word.
func (s *Schema) Allowed(at []string) Kinds {
	if s == nil {
		return Anything
	}
	return (&walk{}).allowed(s.root, at)
}

// walk counts the parts of a schema that are looked at.
type walk struct{ steps int }

func (w *walk) allowed(s *jsonschema.Schema, at []string) Kinds {
	if w.steps++; w.steps > maxSteps {
		return Anything
	}
	out := typesHere(s)
	if len(at) > 0 {
		out = Anything
		for _, inner := range inside(s, at[0]) {
			out &= w.allowed(inner, at[1:])
		}
	}
	if s.Ref != nil {
		out &= w.allowed(s.Ref, at)
	}
	for _, all := range s.AllOf {
		out &= w.allowed(all, at)
	}
	for _, some := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(some) == 0 {
			continue
		}
		var either Kinds
		for _, one := range some {
			either |= w.allowed(one, at)
		}
		out &= either
	}
	return out
}

// schemaTypes are the names that JSON Schema has for kinds.
var schemaTypes = map[string]Kinds{
	"string": Text, "boolean": Bool, "number": Number, "integer": Number, "array": List, "object": Mapping, "null": Null,
}

// typesHere are the kinds that the words type, enum and const of a schema allow.
func typesHere(s *jsonschema.Schema) Kinds {
	out := Anything
	if s.Types != nil {
		out = 0
		for _, name := range s.Types.ToStrings() {
			out |= schemaTypes[name]
		}
	}
	if s.Enum != nil {
		var some Kinds
		for _, value := range s.Enum.Values {
			some |= KindOf(value)
		}
		out &= some
	}
	if s.Const != nil {
		out &= KindOf(*s.Const)
	}
	return out
}

// inside are the schemas of what a schema calls name, or of the item of that number.
func inside(s *jsonschema.Schema, name string) []*jsonschema.Schema {
	var found []*jsonschema.Schema
	if p, ok := s.Properties[name]; ok {
		found = append(found, p)
	}
	for pattern, p := range s.PatternProperties {
		if pattern.MatchString(name) {
			found = append(found, p)
		}
	}
	if more, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && len(found) == 0 {
		found = append(found, more)
	}
	if n, err := strconv.Atoi(name); err == nil {
		if item := itemSchema(s, n); item != nil {
			found = append(found, item)
		}
	}
	return found
}

// itemSchema is the schema of the item of a list, or nil.
func itemSchema(s *jsonschema.Schema, n int) *jsonschema.Schema {
	first := s.PrefixItems
	rest := s.Items2020
	switch items := s.Items.(type) {
	case []*jsonschema.Schema:
		first = items
		rest, _ = s.AdditionalItems.(*jsonschema.Schema)
	case *jsonschema.Schema:
		rest = items
	}
	if n >= 0 && n < len(first) {
		return first[n]
	}
	return rest
}
