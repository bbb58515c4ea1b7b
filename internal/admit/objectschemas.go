package admit

import "slices"

// atRoot is what a schema may say of the whole object where its status is a part of its own.
var atRoot = []string{
	"description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
	"uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
}

// rootSchema holds the schema of an object to what may be said of the whole of one.
func rootSchema(f *faults, at *path, o object, status bool) {
	for _, key := range sorted(o) {
		switch {
		case o[key] == nil, o[key] == "", o[key] == false && key != "additionalProperties":
		case key == "additionalProperties":
			f.add(at.field(key), Meaning, "must not be at the root of a schema")
		case key == "nullable":
			f.add(at.field(key), Meaning, "is true, and an object is not null")
		case status && !slices.Contains(atRoot, key):
			f.add(at.field(key), Meaning, "must not be at the root of a schema with the subresource status")
		}
	}
	for _, key := range []string{"apiVersion", "kind", "metadata"} {
		if o.mapping("properties", key).has("default") {
			f.add(at.field("properties").field(key).field("default"), Meaning, "is set, and %s has no default", key)
		}
	}
}

// objectSchema holds what a schema says of an object of Kubernetes, the whole or one inside, to
// what every one has.
func objectSchema(f *faults, at *path, o object, root bool) {
	embedded := o.is("x-kubernetes-embedded-resource")
	if o.is("x-kubernetes-int-or-string") {
		for _, key := range []string{"x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"} {
			if o.is(key) {
				f.add(at.field(key), Meaning, "is true, and so is x-kubernetes-int-or-string")
			}
		}
	}
	if kind := o.text("type"); kind != "object" && o.text("x-kubernetes-map-type") != "" {
		f.add(at.field("x-kubernetes-map-type"), Meaning, "is set, and type is not object")
	}
	if !root && !embedded {
		return
	}
	for _, key := range []string{"apiVersion", "kind"} {
		if prop, ok := o.mapping("properties")[key].(map[string]any); ok && prop["type"] != "string" && prop["type"] != nil {
			f.add(at.field("properties").field(key).field("type"), Words, "is %v, and has to be string", prop["type"])
		}
	}
	if embedded {
		embeddedSchema(f, at, o)
	}
}

// embeddedSchema holds the schema of an object inside of one to what it has to say.
func embeddedSchema(f *faults, at *path, o object) {
	if prop, ok := o.mapping("properties")["metadata"].(map[string]any); ok && prop["type"] != "object" {
		f.add(at.field("properties").field("metadata").field("type"), Words, "has to be object")
	}
	if o.has("additionalProperties") {
		f.add(at.field("additionalProperties"), Meaning, "is set, and x-kubernetes-embedded-resource is true")
	}
	if len(o.mapping("properties")) == 0 && !o.is("x-kubernetes-preserve-unknown-fields") {
		f.add(at.field("properties"), Required, "is empty: write x-kubernetes-preserve-unknown-fields: true for any object")
	}
}
