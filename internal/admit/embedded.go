package admit

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// null holds a null to a schema. No enumeration has it, not even where it is a word of one.
func (s *schemaWalker) null(at *path, schema object) {
	want := wanted[schema.text("type")]
	if schema.is("x-kubernetes-int-or-string") && !s.bare {
		want = "a whole number or a text"
	}
	switch {
	case (schema.is("nullable") || s.junctor) && len(schema.list("enum")) > 0:
		s.add(at, Words, "is null, which servers take for none of its definition's words: leave it out")
	case !schema.is("nullable") && schema["default"] == nil && !s.junctor && want != "":
		s.add(at, Type, "is null, and its definition wants %s", want)
	}
}

// metadata holds the names of an object to what its schema says of them; it says nothing
// else of metadata.
func (s *schemaWalker) metadata(at *path, meta, schema object) {
	for _, key := range []string{"generateName", "name"} {
		inner := schema.mapping("properties", key)
		if v, ok := meta[key].(string); ok && inner != nil {
			s.value(at.field(key), v, inner)
		}
	}
}

// embeddedMetadata holds the metadata of an object inside of one to that of any object; its
// name is no more than a part of a path.
func (s *schemaWalker) embeddedMetadata(at *path, v any, schema object) {
	meta, ok := v.(map[string]any)
	s.metadata(at, meta, schema)
	if s.bare || v == nil {
		return
	}
	w := &walker{faults: faults{servers: s.servers}, root: "meta.v1.ObjectMeta", rules: rulesByType()}
	here := &path{nil, "metadata"}
	w.object(here, v, "meta.v1.ObjectMeta")
	if ok {
		metadata(w, here, meta, kinds.Kind{APIVersion: "example.org/v1"}) // any that is custom
	}
	if text := segment.says(object(meta).text("name")); text != "" {
		w.add(here.field("name"), Format, "%s", text)
	}
	for _, f := range w.all {
		f.At = append(at.up.steps(), f.At...)
		s.all = append(s.all, f)
	}
}

// embedded wants of an object inside of one to say what it is.
func (s *schemaWalker) embedded(at *path, m, props object) {
	for _, key := range []string{"apiVersion", "kind"} {
		if text, ok := m[key].(string); m[key] == nil && !props.mapping(key).has("default") || ok && text == "" {
			s.missing(at.field(key))
		}
	}
	if v := m.text("apiVersion"); strings.Count(v, "/") > 1 {
		s.add(at.field("apiVersion"), Format, "is %s, and has to be VERSION or GROUP/VERSION", short(v))
	}
	if kind := m.text("kind"); kind != "" {
		if text := kindName(kind); text != "" {
			s.add(at.field("kind"), Format, "%s", text)
		}
	}
}
