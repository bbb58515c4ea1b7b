package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// word is what --set says before it is known what kind of value it replaces.
type word struct {
	keys []string
	text string
}

// Resolve gives the layers with the words of --set in the kind of the value that
// each replaces: what values.schema.json says, or else the Kube's default, or else
// the files and remembered values below it. Text keeps every word; true or false
// and numbers have to be written as in JSON. null removes a value of any kind. An
// error names the flag and not the value.
func Resolve(k *kube.Kube, layers []Layer) ([]Layer, error) {
	out := make([]Layer, 0, len(layers))
	var t *types
	var below []Layer
	for _, l := range layers {
		if l.word == nil {
			below = append(below, l)
			out = append(out, l)
			continue
		}
		if t == nil {
			var err error
			if t, err = typesOf(k); err != nil {
				return nil, err
			}
		}
		value, err := l.word.as(t.of(l.word.keys, below))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Name, err)
		}
		l.Values, l.word = nested(l.word.keys, value), nil
		out = append(out, l)
	}
	return out, nil
}

// valueKinds are what values a place may have; none: nothing is known.
type valueKinds uint

const (
	aText valueKinds = 1 << iota
	aBool
	aNumber
	aList
	aMapping
	aNull
	anything = aText | aBool | aNumber | aList | aMapping | aNull
)

func kindOf(value any) valueKinds {
	switch value.(type) {
	case string:
		return aText
	case bool:
		return aBool
	case int, float64, json.Number:
		return aNumber
	case []any:
		return aList
	case Values:
		return aMapping
	}
	return aNull
}

// bare reads a word where nothing is known of what it replaces.
func bare(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil && strconv.Itoa(n) == text {
		return n
	}
	return text
}

// as reads the word as a value of one of some kinds.
func (w *word) as(want valueKinds) (any, error) {
	if w.text == "null" {
		return nil, nil
	}
	switch want & (aText | aBool | aNumber) {
	case aText:
		return w.text, nil
	case aBool:
		return w.bool()
	case aNumber:
		return w.number()
	case 0:
		if want != 0 {
			return nil, faultf("one word does not replace a list or a mapping: write JSON with --set-json, a file with -f, or set what is inside")
		}
	}
	value := bare(w.text)
	if want&aText != 0 && want&kindOf(value) == 0 {
		return w.text, nil
	}
	return value, nil
}

func (w *word) bool() (any, error) {
	switch w.text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if b, ok := yamlnode.Word(strings.ToLower(w.text)).(bool); ok {
		return nil, faultf("true or false is wanted: write %t", b)
	}
	return nil, faultf("true or false is wanted")
}

func (w *word) number() (any, error) {
	if !json.Valid([]byte(w.text)) || kindOf(decoded(w.text)) != aNumber || strings.TrimSpace(w.text) != w.text {
		return nil, faultf("a number is wanted, as JSON has them: 8080, -1, 0.5")
	}
	value, err := jsonNumber("", 0, w.text)
	if err != nil {
		return nil, faultf("a number of at most 64 bits is wanted")
	}
	return value, nil
}

func decoded(text string) any {
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil
	}
	return v
}

// types know what kinds of values a Kube wants.
type types struct {
	schema   *jsonschema.Schema // nil: none
	defaults Layer
	steps    int // parts of the schema looked at
}

func typesOf(k *kube.Kube) (*types, error) {
	t := &types{}
	var err error
	if t.defaults, err = Defaults(k); err != nil {
		return nil, err
	}
	if data, ok := k.File(kube.SchemaPath); ok {
		t.schema, _ = compile(data) //nolint:errcheck // what is wrong with it, Validate says
	}
	return t, nil
}

// of are the kinds that may stand at a place; 0: nothing is known.
func (t *types) of(keys []string, below []Layer) valueKinds {
	at := make([]string, len(keys))
	for i, key := range keys {
		if n, ok := itemIndex(key); ok {
			key = strconv.Itoa(n)
		}
		at[i] = key
	}
	var had valueKinds
	for _, values := range []Values{t.defaults.Values, Merge(append([]Layer{t.defaults}, below...)...)} {
		if had == 0 {
			had = kindAt(values, at) &^ aNull
		}
	}
	t.steps = 0
	switch allowed := t.allowed(t.schema, at) &^ aNull; {
	case allowed == anything&^aNull, allowed&had == aText:
		return had
	default:
		return allowed
	}
}

// kindAt is the kind of the value at a place, or of the items of the list that it
// would be an item of; 0 where it is not known.
func kindAt(value any, at []string) valueKinds {
	for i, name := range at {
		switch v := value.(type) {
		case Values:
			child, ok := v[name]
			if !ok {
				return 0
			}
			value = child
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil {
				return 0
			}
			if n >= len(v) {
				return kindOfItems(v, at[i+1:])
			}
			value = v[n]
		default:
			return 0
		}
	}
	return kindOf(value)
}

// kindOfItems is the kind that all items of a list have at a place, or 0.
func kindOfItems(items []any, at []string) valueKinds {
	var all valueKinds
	for i, item := range items {
		k := kindAt(item, at)
		if i > 0 && k != all {
			return 0
		}
		all = k
	}
	return all
}

// maxSchemaSteps bounds how many parts of a schema are looked at for one place.
const maxSchemaSteps = 10_000

// allowed are the kinds that a schema allows at a place. Where it is too involved,
// that is anything: Validate has the last word.
func (t *types) allowed(s *jsonschema.Schema, at []string) valueKinds {
	if t.steps++; s == nil || t.steps > maxSchemaSteps {
		return anything
	}
	out := typesHere(s)
	if len(at) > 0 {
		out = anything
		for _, inner := range inside(s, at[0]) {
			out &= t.allowed(inner, at[1:])
		}
	}
	for _, all := range append([]*jsonschema.Schema{s.Ref}, s.AllOf...) {
		out &= t.allowed(all, at)
	}
	for _, some := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(some) == 0 {
			continue
		}
		var either valueKinds
		for _, one := range some {
			either |= t.allowed(one, at)
		}
		out &= either
	}
	return out
}

// schemaTypes are the names that JSON Schema has for kinds.
var schemaTypes = map[string]valueKinds{
	"string": aText, "boolean": aBool, "number": aNumber, "integer": aNumber, "array": aList, "object": aMapping, "null": aNull,
}

// typesHere are the kinds that the words type, enum and const of a schema allow.
func typesHere(s *jsonschema.Schema) valueKinds {
	out := anything
	if s.Types != nil {
		out = 0
		for _, name := range s.Types.ToStrings() {
			out |= schemaTypes[name]
		}
	}
	if s.Enum != nil {
		var some valueKinds
		for _, value := range s.Enum.Values {
			some |= kindOf(value)
		}
		out &= some
	}
	if s.Const != nil {
		out &= kindOf(*s.Const)
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
		found = append(found, itemSchema(s, n))
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
