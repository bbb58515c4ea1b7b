package main

import (
	"slices"
	"strings"
)

// document is what is read of an OpenAPI v3 document.
type document struct {
	Paths map[string]struct {
		Post *struct {
			Action string `json:"x-kubernetes-action"`
			GVK    gvk    `json:"x-kubernetes-group-version-kind"`
		} `json:"post"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type gvk struct{ Group, Version, Kind string }

func (k gvk) apiVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

type schema struct {
	Type                 string
	Format               string
	Ref                  string `json:"$ref"`
	AllOf                []schema
	OneOf                []schema
	Items                *schema
	Properties           map[string]schema
	AdditionalProperties *schema
	Required             []string
	Default              any
	Keys                 []string `json:"x-kubernetes-list-map-keys"`
	ListType             string   `json:"x-kubernetes-list-type"`
	GVKs                 []gvk    `json:"x-kubernetes-group-version-kind"`
}

// short is the name of a definition in the table: core.v1.Pod for
// io.k8s.api.core.v1.Pod.
func short(name string) string {
	name = name[strings.LastIndex(name, "/")+1:]
	for _, prefix := range []string{"io.k8s.api.", "io.k8s.apimachinery.pkg.apis.", "io.k8s.apiextensions-apiserver.pkg.apis.", "io.k8s.kube-aggregator.pkg.apis."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

// typeOf is the type of a value in the form of the table.
func (s schema) typeOf() string {
	switch {
	case s.Ref != "":
		return named(short(s.Ref))
	case len(s.AllOf) == 1:
		return s.AllOf[0].typeOf()
	}
	switch s.Type {
	case "string":
		switch s.Format {
		case "byte":
			return "B"
		case "date-time":
			return "t"
		}
		return "s"
	case "boolean":
		return "b"
	case "integer":
		if s.Format == "int32" {
			return "i"
		}
		return "l"
	case "number":
		return "n"
	case "array":
		t := "[" + s.Items.typeOf() + "]"
		switch s.ListType {
		case "map":
			t += "^" + strings.Join(s.Keys, ",")
		case "set":
			t += "^"
		}
		return t
	case "object":
		if s.AdditionalProperties != nil {
			return "{" + s.AdditionalProperties.typeOf() + "}"
		}
	}
	return "*"
}

// named is the type of a definition that has a meaning of its own.
func named(name string) string {
	switch name[strings.LastIndex(name, ".")+1:] {
	case "Quantity":
		return "q"
	case "IntOrString":
		return "o"
	case "Time":
		return "t"
	case "MicroTime":
		return "u"
	case "JSON", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrStringArray", "RawExtension", "FieldsV1", "Unstructured":
		return "*"
	}
	return name
}

// document adds what a document says of a minor.
func (t *table) document(doc document, minor int, enums enums) {
	for path, p := range doc.Paths {
		if p.Post == nil || p.Post.Action != "post" || strings.Contains(path, "{name}") {
			continue
		}
		for name, s := range doc.Components.Schemas {
			if slices.Contains(s.GVKs, p.Post.GVK) && strings.HasSuffix(name, "."+p.Post.GVK.Kind) {
				t.kind(p.Post.GVK, short(name), strings.Contains(path, "/namespaces/{namespace}/"), minor)
				t.define(doc.Components.Schemas, name, minor, enums)
			}
		}
	}
}

// define adds a definition, and those that it refers to.
func (t *table) define(all map[string]schema, name string, minor int, enums enums) {
	at := short(name)
	if t.types[at] == nil {
		t.types[at] = map[field]minors{}
		t.seen[at] = minors{}
	}
	if t.seen[at].has(minor) {
		return
	}
	t.seen[at] = t.seen[at].with(minor)
	for key, s := range all[name].Properties {
		f := field{name: key, kind: s.typeOf(), required: slices.Contains(all[name].Required, key)}
		if e, ok := enums.of[at+"."+key]; ok {
			f.kind = strings.Replace(f.kind, "s", "<"+e+">", 1)
			t.enum(e, enums.words[e], minor)
		}
		if text, ok := s.Default.(string); ok && text != "" {
			f.def = text
		} else if m, ok := s.Default.(map[string]any); ok && len(m) == 0 {
			f.def = "{}"
		}
		t.types[at][f] = t.types[at][f].with(minor)
		t.follow(all, s, minor, enums)
	}
}

func (t *table) follow(all map[string]schema, s schema, minor int, enums enums) {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		if named(short(name)) == short(name) {
			t.define(all, name, minor, enums)
		}
	}
	for _, inner := range s.AllOf {
		t.follow(all, inner, minor, enums)
	}
	for _, inner := range []*schema{s.Items, s.AdditionalProperties} {
		if inner != nil {
			t.follow(all, *inner, minor, enums)
		}
	}
}
