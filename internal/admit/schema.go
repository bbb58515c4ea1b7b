package admit

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// definition is a version of a kind that a definition defines.
type definition struct {
	schema     object
	namespaced bool
	status     bool // which is no part of a new object
	unserved   bool
	words      enums
}

// schemaWalker walks a value along a structural schema.
type schemaWalker struct {
	*faults
	bare    bool // a default, which has no defaults in it yet
	junctor bool // inside of allOf, anyOf, oneOf or not, which say nothing of unknown fields
	open    bool // below a schema that keeps unknown fields: server-side apply takes them there
	words   enums
}

func (s *schemaWalker) root(o object, d definition) {
	if d.schema == nil {
		return
	}
	s.open = d.schema.is("x-kubernetes-preserve-unknown-fields")
	props := d.schema.mapping("properties")
	for _, key := range sorted(o) {
		switch key {
		case "apiVersion", "kind":
			continue
		case "metadata":
			s.metadata(&path{nil, key}, o.mapping(key), props.mapping(key))
			continue
		case "status":
			if d.status {
				s.status(o[key], props.mapping(key))
				continue
			}
		}
		s.field(nil, key, o[key], d.schema, props)
	}
	s.required(nil, o, d.schema)
	s.junctors(nil, map[string]any(o), d.schema)
}

// status holds the types in the status of an object to its definition, and nothing else: the
// server reads it, and drops it.
func (s *schemaWalker) status(v any, schema object) {
	before := len(s.all)
	if v != nil && schema != nil {
		s.value(&path{nil, "status"}, v, schema)
	}
	s.all = append(s.all[:before], slices.DeleteFunc(s.all[before:], func(f Fault) bool { return f.Sort != Type || strings.HasPrefix(f.Message, "is null") })...)
}

// field walks a field of an object, if there may be one of its name.
func (s *schemaWalker) field(at *path, key string, v any, schema, props object) {
	here := at.field(key)
	embedded := schema.is("x-kubernetes-embedded-resource") && !s.junctor
	if embedded && key == "metadata" {
		s.embeddedMetadata(here, v, props.mapping(key))
		return
	}
	if inner, ok := props[key].(map[string]any); ok {
		s.value(here, v, inner)
		return
	}
	if inner, ok := schema["additionalProperties"].(map[string]any); ok {
		s.value(here, v, inner)
		return
	}
	open := (schema.is("x-kubernetes-preserve-unknown-fields") || s.open) && schema["additionalProperties"] != false || schema.is("additionalProperties") || s.junctor
	if open || embedded && (key == "apiVersion" || key == "kind") {
		return
	}
	s.unknown(here, key, props)
}

func (s *schemaWalker) unknown(here *path, key string, props object) {
	meant := ""
	if s.unknowns++; s.unknowns <= maxMeant && len(props) <= maxNear {
		if near := nearest(key, sorted(props)); near != "" {
			meant = "; the nearest is " + near
		}
	}
	if text := hidden(key); text != "" {
		meant = text
	}
	s.add(here, Unknown, "is no field of its definition%s", meant)
}

func (s *schemaWalker) value(at *path, v any, schema object) {
	if schema.is("x-kubernetes-preserve-unknown-fields") && !s.open && !s.bare {
		s.open = true
		defer func() { s.open = false }()
	}
	if v == nil {
		s.null(at, schema)
		return
	}
	if !s.typed(at, v, schema) {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		s.object(at, v, schema)
	case []any:
		s.list(at, v, schema)
	case string:
		s.text(at, v, schema)
	case int64, float64:
		s.number(at, v, schema)
	}
	s.among(at, v, schema)
	s.junctors(at, v, schema)
}

// wanted are the types of schemas in words.
var wanted = map[string]string{
	"object": "a mapping", "array": "a list", "string": "a text", "boolean": "true or false", "integer": "a whole number", "number": "a number",
}

func (s *schemaWalker) typed(at *path, v any, schema object) bool {
	if schema.is("x-kubernetes-int-or-string") && !s.bare { // in defaults servers hold it to no type
		if _, text := v.(string); !text && !isWhole(v) {
			s.add(at, Type, "is %s, and has to be a whole number or a text", called(v))
			return false
		}
		return true
	}
	if ofType(v, schema.text("type")) || s.untyped(v, schema) {
		return s.texts(at, v, schema)
	}
	mend := ""
	if schema.text("type") == "string" && (isNumber(v) || v == true || v == false) {
		mend = ": put it in quotes"
	}
	s.add(at, Type, "is %s, and has to be %s%s", called(v), wanted[schema.text("type")], mend)
	return false
}

func ofType(v any, kind string) bool {
	ok := true
	switch kind {
	case "object":
		_, ok = v.(map[string]any)
	case "array":
		_, ok = v.([]any)
	case "string":
		_, ok = v.(string)
	case "boolean":
		_, ok = v.(bool)
	case "integer":
		ok = isWhole(v)
	case "number":
		ok = isNumber(v)
	}
	return ok
}

func isWhole(v any) bool {
	_, ok := whole(v)
	return ok
}

func (s *schemaWalker) object(at *path, m, schema object) {
	props := schema.mapping("properties")
	for _, key := range sorted(m) {
		s.field(at, key, m[key], schema, props)
	}
	if schema.is("x-kubernetes-embedded-resource") && !s.junctor {
		s.embedded(at, m, props)
	}
	s.required(at, m, schema)
	s.sized(at, len(m), schema, "minProperties", "maxProperties", "fields")
}

func (s *schemaWalker) required(at *path, m, schema object) {
	const most = 50 // that are told one by one: many objects may each lack many
	missing, props := 0, schema.mapping("properties")
	for _, key := range schema.list("required") {
		name, _ := key.(string)
		if _, ok := m[name]; ok || props.mapping(name)["default"] != nil && !s.bare {
			continue
		}
		if missing++; missing <= most {
			s.missing(at.field(name))
		}
	}
	if missing > most {
		s.add(at, Required, "lacks %d more fields that its definition requires", missing-most)
	}
}

func (s *schemaWalker) sized(at *path, n int, schema object, least, most, what string) {
	if min, ok := schema.whole(least); ok && int64(n) < min {
		s.add(at, Range, "has %d %s, and has to have at least %d", n, what, min)
	}
	if max, ok := schema.whole(most); ok && int64(n) > max {
		s.add(at, Range, "has %d %s, and may have at most %d", n, what, max)
	}
}

func (s *schemaWalker) list(at *path, items []any, schema object) {
	inner := schema.mapping("items")
	for i, item := range items {
		if inner != nil {
			s.value(at.item(i), item, inner)
		}
	}
	s.sized(at, len(items), schema, "minItems", "maxItems", "items")
	w := &walker{}
	switch schema.text("x-kubernetes-list-type") {
	case "set":
		w.set(at, items)
	case "map":
		w.all = keyedBy(at, items, schema, inner.mapping("properties"))
	}
	s.all = append(s.all, w.all...)
}

// keyedBy refuses two items with the same keys.
func keyedBy(at *path, items []any, schema, props object) []Fault {
	var keys []string
	for _, k := range schema.list("x-kubernetes-list-map-keys") {
		key, _ := k.(string)
		keys = append(keys, key)
	}
	w := &walker{}
	filled := make([]any, len(items))
	for i, item := range items {
		o, ok := item.(map[string]any)
		if !ok {
			continue
		}
		only := map[string]any{}
		for _, key := range keys {
			if only[key] = o[key]; o[key] == nil {
				only[key] = props.mapping(key)["default"]
			}
		}
		filled[i] = only
	}
	w.keyed(at, filled, kinds.Value{Keys: keys, Of: &kinds.Value{}})
	return w.all
}

// among holds a value to an enumeration.
func (s *schemaWalker) among(at *path, v any, schema object) {
	words := schema.list("enum")
	if len(words) == 0 {
		return
	}
	e := s.words.of(words)
	if is := spelled(v); is != "" && e.known[is] {
		return
	}
	text, ok := v.(string)
	switch word := e.folded[strings.ToLower(text)]; {
	case !ok || len(e.texts) == 0:
		s.add(at, Words, "is %s, which is none of its definition's words", called(v))
	case word != "":
		s.oneOf(at, text, []string{word})
	default:
		s.oneOf(at, text, e.texts[:min(len(e.texts), maxListed+1)])
	}
}

// junctors holds a value to allOf, anyOf, oneOf and not. Each form is tried once: forms
// may have forms of their own.
func (s *schemaWalker) junctors(at *path, v any, schema object) {
	for _, inner := range schema.items("allOf") {
		s.all = append(s.all, s.within(at, v, inner)...)
	}
	if some := schema.items("anyOf"); len(some) > 0 {
		if n, wrong := s.right(at, v, some); n == 0 {
			s.all = append(s.all, wrong)
		}
	}
	if one := schema.items("oneOf"); len(one) > 0 {
		switch n, wrong := s.right(at, v, one); {
		case n == 0:
			s.all = append(s.all, wrong)
		case n > 1:
			s.add(at, Meaning, "fits %d of the forms of its definition, and has to fit one", n)
		}
	}
	if not := schema.mapping("not"); not != nil && len(s.within(at, v, not)) == 0 {
		s.add(at, Meaning, "has the form that its definition excludes")
	}
}

// within are the faults of a value by a schema inside of a junctor.
func (s *schemaWalker) within(at *path, v any, schema object) []Fault {
	inner := &schemaWalker{faults: &faults{servers: s.servers}, bare: s.bare, junctor: true, words: s.words}
	inner.value(at, v, schema)
	return inner.all
}

// right counts the schemas that a value fits; wrong is what is wrong with it by the first,
// or by one that it fits on some servers.
func (s *schemaWalker) right(at *path, v any, schemas []object) (n int, wrong Fault) {
	for i, one := range schemas {
		found := s.within(at, v, one)
		some := !slices.ContainsFunc(found, func(f Fault) bool { return f.Sort != Servers })
		switch {
		case len(found) == 0:
			n++
		case i == 0, some:
			wrong = found[0]
		}
	}
	return n, wrong
}
