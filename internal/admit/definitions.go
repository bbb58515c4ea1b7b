package admit

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// definitionChecks are the rules of custom resource definitions.
var definitionChecks = map[string][]check{
	"apiextensions.v1.CustomResourceDefinition":        {definitionName},
	"apiextensions.v1.CustomResourceDefinitionSpec":    {versions},
	"apiextensions.v1.CustomResourceDefinitionVersion": {definitionVersion},
	"apiextensions.v1.CustomResourceConversion":        {conversion},
	"apiextensions.v1.JSONSchemaProps":                 {},
}

func definitionName(at *path, o object, f *faults) {
	spec := o.mapping("spec")
	want := spec.mapping("names").text("plural") + "." + spec.text("group")
	if name := o.mapping("metadata").text("name"); name != "" && name != want {
		f.add(at.field("metadata").field("name"), Meaning, "is %s, and has to be PLURAL.GROUP, %s", short(name), short(want))
	}
	group := spec.text("group")
	if approved := o.mapping("metadata", "annotations").text("api-approved.kubernetes.io"); approved == "" && (strings.HasSuffix(group, ".k8s.io") || strings.HasSuffix(group, ".kubernetes.io")) {
		f.add(at.field("metadata").field("annotations"), Required, "has no api-approved.kubernetes.io, which groups of Kubernetes need")
	}
}

func versions(at *path, o object, f *faults) {
	stored, seen := 0, map[string]bool{}
	for i, v := range o.items("versions") {
		if v.is("storage") {
			stored++
		}
		name := v.text("name")
		if seen[name] && name != "" {
			f.add(at.field("versions").item(i).field("name"), Duplicate, "is %s, as another version is", short(name))
		}
		seen[name] = true
	}
	if stored != 1 && len(o.list("versions")) > 0 {
		f.add(at.field("versions"), Meaning, "has %d versions with storage: true, and needs one", stored)
	}
	if o.is("preserveUnknownFields") {
		f.add(at.field("preserveUnknownFields"), Meaning, "is true: write x-kubernetes-preserve-unknown-fields in the schema")
	}
	kind, list := o.mapping("names").text("kind"), o.mapping("names").text("listKind")
	if kind != "" && kind == list {
		f.add(at.field("names").field("listKind"), Meaning, "is the kind itself")
	}
	for _, key := range []string{"kind", "listKind"} {
		if text := kindName(o.mapping("names").text(key)); o.mapping("names").text(key) != "" && text != "" {
			f.add(at.field("names").field(key), Format, "%s", text)
		}
	}
}

func definitionVersion(at *path, o object, f *faults) {
	schema := o.mapping("schema", "openAPIV3Schema")
	here := at.field("schema").field("openAPIV3Schema")
	if schema == nil {
		f.missing(here)
		return
	}
	if i := strings.IndexFunc(o.text("deprecationWarning"), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		f.add(at.field("deprecationWarning"), Format, "has a character that cannot be printed, after %s", short(o.text("deprecationWarning")[:i]))
	}
	if o.text("deprecationWarning") != "" && !o.is("deprecated") {
		f.add(at.field("deprecationWarning"), Meaning, "is set, and the version is not deprecated")
	}
	s := structure{faults: f}
	rootSchema(f, here, schema, o.mapping("subresources").has("status"))
	s.root(here, schema)
	s.metadata(here.field("properties").field("metadata"), schema.mapping("properties", "metadata"))
	s.scale(at.field("subresources").field("scale"), o.mapping("subresources", "scale"))
	s.selectable(at.field("selectableFields"), o.items("selectableFields"), schema)
}

func conversion(at *path, o object, f *faults) {
	webhook := o.mapping("webhook")
	switch o.text("strategy") {
	case "Webhook":
		if !webhook.has("clientConfig") {
			f.add(at.field("webhook").field("clientConfig"), Required, "is missing, and strategy is Webhook")
		}
		if all := webhook.list("conversionReviewVersions"); len(all) > 0 && !anyOf(all, "v1", "v1beta1") {
			f.add(at.field("webhook").field("conversionReviewVersions"), Meaning, "has neither v1 nor v1beta1, and servers send no other")
		}
	case "None":
		if o.has("webhook") {
			f.add(at.field("webhook"), Meaning, "is set, and strategy is None")
		}
	}
}

var schemaTypes = []string{"object", "array", "string", "integer", "number", "boolean"}

func (s structure) root(at *path, o object) {
	switch kind := o.text("type"); {
	case kind == "" && !o.is("x-kubernetes-int-or-string"):
		s.add(at.field("type"), Required, "is missing: the root of a schema is an object")
	case kind != "object" && kind != "":
		s.add(at.field("type"), Words, "is %s: the root of a schema is an object", short(kind))
	}
	s.schema(at, o, true)
}

func (s structure) schema(at *path, o object, root bool) {
	s.typed(at, o, root)
	s.forbidden(at, o)
	objectSchema(s.faults, at, o, root)
	s.pattern(at, o)
	s.listed(at, o)
	s.validations(at, o)
	selfRules(s.faults, at, o, root, s.apart)
	if o["default"] != nil && !s.values {
		(&schemaWalker{faults: s.faults, words: enums{}, bare: true}).value(at.field("default"), o["default"], o)
	}
	if len(o.mapping("properties")) > 0 && o.has("additionalProperties") && !o.is("additionalProperties") {
		s.add(at.field("additionalProperties"), Meaning, "is set, and so are properties")
	}
	props := o.mapping("properties")
	for _, name := range sorted(props) {
		inner, ok := props[name].(map[string]any)
		if ok || props[name] == nil {
			s.schema(at.field("properties").field(name), inner, false)
		}
	}
	s.inner(at, o)
	s.junctors(at, o, true)
}

// inner holds the schema of the items of a list, and of the values of a mapping, to be one.
func (s structure) inner(at *path, o object) {
	for _, key := range []string{"items", "additionalProperties"} {
		switch o[key].(type) {
		case nil, bool, map[string]any:
		default:
			s.add(at.field(key), Type, "is %s, and has to be a schema", called(o[key]))
		}
		if inner, ok := o[key].(map[string]any); ok {
			s.shaped(at.field(key), inner)
			within := s
			within.values = s.values || key == "additionalProperties"
			within.apart = s.apart || key == "items" && o.text("x-kubernetes-list-type") != "map"
			within.schema(at.field(key), inner, false)
		}
	}
}

// shaped holds the fields of a schema to their types: its reader, one of the server's
// own below items and additionalProperties, passes over unknown ones.
func (s structure) shaped(at *path, o object) {
	w := &walker{faults: faults{servers: kinds.Known()}, tolerant: true, rules: rulesByType()}
	w.object(at, map[string]any(o), "apiextensions.v1.JSONSchemaProps")
	s.all = append(s.all, w.all...)
}

// typed wants the type of every value.
func (s structure) typed(at *path, o object, root bool) {
	kind := o.text("type")
	switch {
	case kind != "":
		if !slices.Contains(schemaTypes, kind) {
			s.oneOf(at.field("type"), kind, schemaTypes)
		}
	case root || o.is("x-kubernetes-int-or-string") || o.is("x-kubernetes-preserve-unknown-fields"):
	default:
		s.add(at.field("type"), Required, "is missing")
	}
	if kind == "array" && !o.has("items") {
		s.add(at.field("items"), Required, "is missing, and type is array")
	}
	if o.is("x-kubernetes-embedded-resource") && kind != "object" {
		s.add(at.field("type"), Meaning, "has to be object with x-kubernetes-embedded-resource")
	}
}

// forbidden are the words of JSON Schema that structural schemas do without.
func (s structure) forbidden(at *path, o object) {
	for _, key := range []string{"$ref", "id", "$schema", "definitions", "dependencies", "patternProperties", "additionalItems"} {
		v := o[key]
		says := v != nil && v != "" && (!isEmpty(v) || key == "dependencies" || key == "additionalItems")
		if says || v != nil && key == "$ref" {
			s.add(at.field(key), Meaning, "must not be in the schema of a definition")
		}
	}
	if o.is("uniqueItems") {
		s.add(at.field("uniqueItems"), Meaning, "is true, which is not supported: write x-kubernetes-list-type: set")
	}
}

func (s structure) expression(at *path, o object) {
	if p := o.text("pattern"); p != "" {
		if _, err := regexp.Compile(p); err != nil {
			s.add(at.field("pattern"), Format, "is %s, which is no regular expression", short(p))
		}
	}
}

func (s structure) pattern(at *path, o object) {
	s.expression(at, o)
	if o.is("x-kubernetes-preserve-unknown-fields") || !o.has("x-kubernetes-preserve-unknown-fields") {
		return
	}
	s.add(at.field("x-kubernetes-preserve-unknown-fields"), Meaning, "is false: write true, or leave it out")
}

// listed holds what tells the items of a list apart to its items.
func (s structure) listed(at *path, o object) {
	kind := o.text("x-kubernetes-list-type")
	keys := o.list("x-kubernetes-list-map-keys")
	if kind != "" && !slices.Contains([]string{"atomic", "set", "map"}, kind) {
		s.oneOf(at.field("x-kubernetes-list-type"), kind, []string{"atomic", "set", "map"})
	}
	if kind != "" && o.text("type") != "array" {
		s.add(at.field("x-kubernetes-list-type"), Meaning, "is set, and type is not array")
	}
	switch {
	case kind == "map" && len(keys) == 0:
		s.add(at.field("x-kubernetes-list-map-keys"), Required, "is empty, and x-kubernetes-list-type is map")
	case kind != "map" && len(keys) > 0:
		s.add(at.field("x-kubernetes-list-map-keys"), Meaning, "is set, and x-kubernetes-list-type is not map")
	}
	if kind == "set" {
		s.setItems(at.field("items"), o.mapping("items"))
	}
	if kind == "map" {
		s.listKeys(at, o, keys)
	}
}

// listKeys holds the keys of a list to the properties of its items.
func (s structure) listKeys(at *path, o object, keys []any) {
	items := o.mapping("items")
	if items.text("type") != "object" {
		s.add(at.field("items").field("type"), Meaning, "has to be object where x-kubernetes-list-type is map")
	}
	if items.is("nullable") {
		s.add(at.field("items").field("nullable"), Meaning, "is true, and x-kubernetes-list-type is map")
	}
	for i, k := range keys {
		key, _ := k.(string)
		here := at.field("x-kubernetes-list-map-keys").item(i)
		prop, ok := items.mapping("properties")[key].(map[string]any)
		switch {
		case !ok:
			s.add(here, Meaning, "is %s, which is no property of the items", short(key))
		case prop["type"] == "object" || prop["type"] == "array":
			s.add(here, Meaning, "is %s, and a key is a text, a number, or true or false", short(key))
		case prop["nullable"] == true:
			s.add(here, Meaning, "is %s, which may be null, and a key is never", short(key))
		case prop["default"] == nil && !anyOf(items.list("required"), key):
			s.add(here, Required, "is %s, which the items do not have to have: make it required, or give it a default", short(key))
		}
	}
	s.distinctKeys(at, keys)
}

func (s structure) distinctKeys(at *path, keys []any) {
	seen := map[string]bool{}
	for i, k := range keys {
		key, ok := k.(string)
		if ok && seen[key] {
			s.add(at.field("x-kubernetes-list-map-keys").item(i), Duplicate, "is %s, which is there already", key)
		}
		seen[key] = ok || seen[key]
	}
}
