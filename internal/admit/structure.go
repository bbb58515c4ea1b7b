package admit

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// structure holds a schema to be structural
// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
type structure struct {
	*faults
	values bool // what is in a mapping, whose defaults servers do not judge
	apart  bool // what is in a list whose items servers do not find again in the object before
}

// junctors holds what is in allOf, anyOf, oneOf and not of a schema to what may stand there.
// The forms of a whole number or a text may have a type, of a schema that is in no other's.
func (s structure) junctors(at *path, o object, outer bool) {
	for _, key := range []string{"allOf", "anyOf", "oneOf"} {
		if key == "anyOf" && outer && wholeOrText(o.items(key)) {
			continue
		}
		for i, inner := range o.items(key) {
			here := at.field(key).item(i)
			s.junctor(here, inner)
			if key != "allOf" || i > 0 || !outer || !wholeOrText(inner.items("anyOf")) {
				s.junctors(here, inner, false)
			}
		}
	}
	if not, ok := o["not"].(map[string]any); ok {
		s.junctor(at.field("not"), not)
		s.junctors(at.field("not"), not, false)
	}
}

// wholeOrText tells whether forms are the two of a whole number and a text.
func wholeOrText(forms []object) bool {
	return len(forms) == 2 && isType(forms[0], "integer") && isType(forms[1], "string")
}

// isType tells whether a form says a type, and nothing else.
func isType(o object, want string) bool {
	for key, v := range o {
		if key != "type" && !saysNothing(v) {
			return false
		}
	}
	return o.text("type") == want
}

// outside is what is said of a value once.
var outside = []string{
	"type", "description", "default", "additionalProperties", "nullable", "title", "x-kubernetes-validations", "x-kubernetes-preserve-unknown-fields",
	"x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type",
}

// junctor refuses in allOf, anyOf, oneOf and not what has to stand outside of them.
func (s structure) junctor(at *path, o object) {
	for _, key := range outside {
		if v := o[key]; v != nil && v != "" && v != false && (!isEmpty(v) || key == "default" || key == "additionalProperties") {
			s.add(at.field(key), Meaning, "must stand outside of allOf, anyOf, oneOf and not")
		}
	}
	if o.mapping("properties").has("metadata") {
		s.add(at.field("properties").field("metadata"), Meaning, "must stand outside of allOf, anyOf, oneOf and not")
	}
	s.expression(at, o)
	s.forbidden(at, o)
	props := o.mapping("properties")
	for _, name := range sorted(props) {
		if inner, ok := props[name].(map[string]any); ok {
			s.junctor(at.field("properties").field(name), inner)
			s.junctors(at.field("properties").field(name), inner, false)
		}
	}
	if inner, ok := o["items"].(map[string]any); ok {
		s.junctor(at.field("items"), inner)
		s.junctors(at.field("items"), inner, false)
	}
}

// setItems wants items of a set that are whole, and never null.
func (s structure) setItems(at *path, items object) {
	if items.text("type") == "object" && items.text("x-kubernetes-map-type") != "atomic" {
		s.add(at.field("x-kubernetes-map-type"), Required, "has to be atomic in a list whose x-kubernetes-list-type is set")
	}
	if word := items.text("x-kubernetes-list-type"); items.text("type") == "array" && word != "" && word != "atomic" {
		s.add(at.field("x-kubernetes-list-type"), Words, "is %s, and has to be atomic in a list whose x-kubernetes-list-type is set", short(word))
	}
	if items.is("nullable") {
		s.add(at.field("nullable"), Meaning, "is true, and x-kubernetes-list-type is set")
	}
}

// metadata holds what a schema says of metadata to the names of objects.
func (s structure) metadata(at *path, o object) {
	if kind := o.text("type"); kind != "" && kind != "object" {
		s.add(at.field("type"), Words, "is %s, and has to be object", short(kind))
	}
	for _, key := range sorted(o) {
		known := key == "type" || key == "properties" || key == "x-kubernetes-validations"
		if known || !o.has(key) || key != "default" && saysNothing(o[key]) {
			continue
		}
		s.add(at.field(key), Meaning, "is set, and of metadata a schema says something of name and generateName alone")
	}
	props := o.mapping("properties")
	for _, name := range sorted(props) {
		switch {
		case name != "name" && name != "generateName":
			s.add(at.field("properties").field(name), Meaning, "is set, and of metadata a schema says something of name and generateName alone")
		case props.mapping(name).has("default"):
			s.add(at.field("properties").field(name).field("default"), Meaning, "is set, and metadata has no defaults")
		}
	}
}

func saysNothing(v any) bool { return v == nil || v == "" || v == false || isEmpty(v) }

// scale holds the paths of what is scaled to where it is.
func (s structure) scale(at *path, o object) {
	for key, parts := range map[string][]string{"specReplicasPath": {".spec."}, "statusReplicasPath": {".status."}, "labelSelectorPath": {".spec.", ".status."}} {
		v := o.text(key)
		if o != nil && v == "" && key != "labelSelectorPath" {
			s.missing(at.field(key))
		}
		if v != "" && !strings.HasPrefix(v, ".") {
			s.add(at.field(key), Format, "is %s, and has to begin with a dot", short(v))
		}
		if strings.HasPrefix(v, ".") && !slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(v, p) }) {
			s.add(at.field(key), Meaning, "is %s, and has to be below %s", short(v), strings.TrimSuffix(strings.ReplaceAll(strings.Join(parts, " or "), ". ", " "), "."))
		}
	}
}

// maxSelectable are the fields of a kind that objects may be selected by.
const maxSelectable = 8

// selectable holds the fields that objects may be selected by to the schema.
func (s structure) selectable(at *path, fields []object, schema object) {
	if len(fields) > maxSelectable {
		s.add(at, Range, "has %d items, and at most %d are allowed", len(fields), maxSelectable)
	}
	seen := map[string]bool{}
	for i, o := range fields {
		where := o.text("jsonPath")
		here := at.item(i).field("jsonPath")
		inner, known := below(schema, where)
		switch kind := inner.text("type"); {
		case where == "":
			s.missing(here)
		case seen[where]:
			s.add(here, Duplicate, "is %s, as another one is", short(where))
		case strings.Contains(where, "["):
			s.add(here, Format, "is %s, and has to do without brackets", short(where))
		case strings.HasPrefix(where, ".metadata."), known && inner == nil:
			s.add(here, Meaning, "is %s, which is no field of the schema", short(where))
		case known && kind != "string" && kind != "boolean" && kind != "integer":
			s.add(here, Meaning, "is %s, which is no text, no whole number and not true or false", short(where))
		}
		seen[where] = true
	}
}

// reasons are the words for why a rule of a definition refuses.
var reasons = []string{"FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"}

// validations holds the texts of the rules of a schema to what they may be.
func (s structure) validations(at *path, o object) {
	for i, r := range o.items("x-kubernetes-validations") {
		here := at.field("x-kubernetes-validations").item(i)
		message, rule := r.text("message"), strings.TrimSpace(r.text("rule"))
		switch words := strings.TrimSpace(message); {
		case message != "" && words == "":
			s.add(here.field("message"), Required, "is blank: leave it out, or say something")
		case strings.Contains(words, "\n"):
			s.add(here.field("message"), Format, "has more than one line")
		case message == "" && strings.Contains(rule, "\n"):
			s.add(here.field("message"), Required, "is missing, and the rule has more than one line")
		}
		for _, key := range []string{"rule", "messageExpression"} {
			if text := r.text(key); text != "" && strings.TrimSpace(text) == "" {
				s.add(here.field(key), Required, "is blank")
			}
		}
		if reason, ok := r["reason"].(string); ok && !slices.Contains(reasons, reason) {
			s.oneOf(here.field("reason"), reason, reasons)
		}
		where := r.text("fieldPath")
		if inner, known := below(o, where); where != "" && known && inner == nil {
			s.add(here.field("fieldPath"), Meaning, "is %s, which is no field of the schema", short(where))
		}
	}
}

// schemaStep is one step of a path to a field of a schema: .NAME or ['NAME'].
var schemaStep = lazyregexp.New(`^(?:\.([^.\[\]\s]+)|\['([^'\\]+)'\])`)

// below is the schema of the field that a path leads to, nil for none; known is false where
// the schema leaves open what there is.
func below(schema object, where string) (inner object, known bool) {
	for where != "" {
		m := schemaStep().FindStringSubmatch(where)
		if m == nil {
			return nil, !strings.Contains(where, `\`)
		}
		where = where[len(m[0]):]
		if schema.is("additionalProperties") {
			return nil, false
		}
		if next := schema.mapping("properties", m[1]+m[2]); next != nil {
			schema = next
		} else {
			schema = schema.mapping("additionalProperties")
		}
		if schema == nil {
			return nil, true
		}
	}
	return schema, true
}
