package admit

import (
	"slices"
	"strings"
)

// celType is a type in CEL as far as it is known.
type celType struct {
	kind   string              // "" is not known
	of     *celType            // of the items of a list, the values of a mapping, what may be missing
	keys   string              // kind of the keys of a mapping
	schema object              // of an object
	name   string              // of an object: where its schema is, for each is a type of its own
	top    bool                // an object is a whole resource
	open   bool                // may be anything
	fields map[string]*celType // of an object of the server's own
}

// anyType is what is not known; openType is known to be anything.
var (
	anyType  = &celType{}
	openType = &celType{open: true}
)

// declared is a type of the server's own.
func declared(name string, fields map[string]*celType) *celType {
	return &celType{kind: "object", name: name, fields: fields}
}

func celOf(kind string) *celType { return &celType{kind: kind} }

// celKinds are the types in words.
var celKinds = map[string]string{
	"bool": "true or false", "int": "a whole number", "uint": "a whole number with u", "double": "a number such as 1.0", "string": "a text",
	"bytes": "bytes", "null": "null", "timestamp": "a time", "duration": "a duration", "list": "a list", "map": "a mapping", "object": "an object",
	"optional": "what may be missing", "type": "a type", "url": "a URL", "ip": "an IP address", "cidr": "a range of IP addresses", "quantity": "a quantity", "semver": "a version",
}

func (t *celType) String() string {
	if (t.kind == "list" || t.kind == "optional") && t.of.kind != "" {
		return celKinds[t.kind] + " (" + t.of.String() + ")"
	}
	if t.kind == "object" {
		return celKinds[t.kind] + " (" + t.name + ")"
	}
	return celKinds[t.kind]
}

func textKind(word string) string {
	if i := strings.IndexAny(word, `'"`); strings.ContainsAny(word[:i], "bB") {
		return "bytes"
	}
	return "string"
}

func numberKind(word string) string {
	switch {
	case strings.HasSuffix(word, "u"), strings.HasSuffix(word, "U"):
		return "uint"
	case strings.ContainsAny(word, ".eE") && !strings.HasPrefix(word, "0x"):
		return "double"
	}
	return "int"
}

// celSchema is the type of a schema in rules, nil of what rules cannot read; name is where it
// is (k8s.io/apiserver, pkg/cel/common/schemas.go).
func celSchema(o object, name string, top bool) *celType {
	if o.is("x-kubernetes-int-or-string") {
		return openType
	}
	switch o.text("type") {
	case "array":
		if items := celInner(o.mapping("items"), name+"[]"); items != nil {
			return &celType{kind: "list", of: items}
		}
	case "object":
		values := o.mapping("additionalProperties")
		if values == nil {
			return &celType{kind: "object", schema: o, name: name, top: top}
		}
		if of := celInner(values, name+"{}"); of != nil {
			return &celType{kind: "map", of: of, keys: "string"}
		}
	case "string":
		switch o.text("format") {
		case "byte":
			return celOf("bytes")
		case "duration":
			return celOf("duration")
		case "date", "date-time":
			return celOf("timestamp")
		}
		return celOf("string")
	case "boolean":
		return celOf("bool")
	case "number":
		return celOf("double")
	case "integer":
		return celOf("int")
	}
	return nil
}

func celInner(o object, name string) *celType {
	return celSchema(o, name, o.is("x-kubernetes-embedded-resource"))
}

// resourceMeta is what rules read of the metadata of a resource.
var resourceMeta = object{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}, "generateName": map[string]any{"type": "string"}}}

// field is the type of a field of an object, nil of none that rules can read.
func (t *celType) field(name string) *celType {
	switch {
	case t.fields != nil:
		return t.fields[name]
	case t.top && name == "metadata":
		return celSchema(resourceMeta, t.name+".metadata", false)
	case t.top && (name == "apiVersion" || name == "kind"):
		return celOf("string")
	}
	if isKeyword(name) {
		name = "__" + name + "__"
	}
	props := t.schema.mapping("properties")
	if o, ok := props[name].(map[string]any); ok && celName(name) == name {
		return celInner(o, t.name+"."+name)
	}
	if strings.Contains(name, "__") {
		for key := range props {
			if celName(key) == name {
				return celInner(props.mapping(key), t.name+"."+name)
			}
		}
	}
	return nil
}

// celKeywords are words that are no variables in CEL. Fields with such a name, or with that
// of a literal or an operator, have underscores around it, and need none since.
const celKeywords = " as break const continue else for function if import let loop package namespace return var void while "

func isKeyword(word string) bool { return strings.Contains(celKeywords, " "+word+" ") }

// celName is how rules write the name of a field, "" where they cannot.
func celName(field string) string {
	if isKeyword(field) || strings.Contains(" true false null in ", " "+field+" ") {
		return "__" + field + "__"
	}
	name := strings.NewReplacer("__", "__underscores__", ".", "__dot__", "-", "__dash__", "/", "__slash__").Replace(field)
	if !identifierForm().MatchString(name) {
		return ""
	}
	return name
}

// differ tells whether two types are surely not the same.
func differ(a, b *celType) bool {
	switch {
	case a.kind == "" || b.kind == "":
		return false
	case a.kind != b.kind:
		return !nullable(a.kind, b.kind) && !nullable(b.kind, a.kind)
	case a.kind == "object":
		return a.name != b.name
	case a.kind == "map" && a.keys != "" && b.keys != "" && a.keys != b.keys:
		return true
	case a.of != nil && b.of != nil:
		return differ(a.of, b.of)
	}
	return false
}

// celNullable are the kinds that null is of, too.
const celNullable = "object timestamp duration optional url ip cidr quantity semver"

func nullable(kind, null string) bool {
	return null == "null" && slices.Contains(strings.Fields(celNullable), kind)
}

// isOneOf tells whether a type is one of some kinds, or not known.
func (t *celType) isOneOf(kinds string) bool {
	return t.kind == "" || slices.ContainsFunc(strings.Fields(kinds), func(kind string) bool { return kind == t.kind || nullable(kind, t.kind) })
}
