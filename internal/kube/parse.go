package kube

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseMeta reads K3.yaml as an author's tool does: it reports every fault at
// once, unknown keys included, and warns about what is wanted and missing. Meta
// holds what could be read; it is whole when Problems has no error.
func ParseMeta(data []byte) (Meta, Problems) {
	m, s := parseMeta(data, true)
	return m, s.sorted()
}

// ReadMeta reads K3.yaml as a client does that has verified where it comes
// from: keys that it does not know are ignored, everything else is refused as
// by ParseMeta.
func ReadMeta(data []byte) (Meta, error) {
	m, s := parseMeta(data, false)
	return m, s.sorted().Err()
}

func parseMeta(data []byte, strict bool) (Meta, *source) {
	var m Meta
	s := newSource(MetaPath, strict)
	root := s.document(data)
	if root == nil {
		return m, s
	}
	s.fields(root, "", m.fields(s))
	for _, key := range []string{"name", "version", "description"} {
		if s.lines[key] == 0 {
			s.errorf(0, "%s is missing", key)
		}
	}
	if strict {
		m.refuseItself(s)
		m.advise(s)
	}
	return m, s
}

// fields are the keys of K3.yaml and how each is read.
func (m *Meta) fields(s *source) fields {
	line := func(to *string) func(string, *yaml.Node) {
		return func(key string, n *yaml.Node) { *to = s.line(key, n) }
	}
	lines := func(to *[]string) func(string, *yaml.Node) {
		return func(key string, n *yaml.Node) { *to = s.list(key, n) }
	}
	versions := func(to *Range) func(string, *yaml.Node) {
		return func(key string, n *yaml.Node) { *to = s.versions(key, n) }
	}
	return fields{
		"name":         func(key string, n *yaml.Node) { m.Name = s.name(key, n) },
		"version":      func(key string, n *yaml.Node) { m.Version = s.version(key, n) },
		"description":  line(&m.Description),
		"details":      func(key string, n *yaml.Node) { m.Details = s.text(key, n) },
		"home":         line(&m.Home),
		"license":      line(&m.License),
		"deprecated":   line(&m.Deprecated),
		"maintainers":  lines(&m.Maintainers),
		"keywords":     lines(&m.Keywords),
		"images":       lines(&m.Images),
		"kubernetes":   versions(&m.Kubernetes),
		"kpm":          versions(&m.KPM),
		"dependencies": func(key string, n *yaml.Node) { m.Dependencies = m.dependencies(s, key, n) },
		"annotations":  func(key string, n *yaml.Node) { m.Annotations = s.texts(key, n) },
	}
}

func (m *Meta) dependencies(s *source, key string, n *yaml.Node) []Dependency {
	var deps []Dependency
	seen := map[string]bool{}
	for i, item := range s.items(key, n) {
		var d Dependency
		at := at(key, i)
		found := s.fields(item, at, fields{
			"name":    func(key string, n *yaml.Node) { d.Name = s.name(key, n) },
			"version": func(key string, n *yaml.Node) { d.Version = s.versions(key, n) },
		})
		switch {
		case found && s.lines[at+".name"] == 0:
			s.errorf(item.Line, "%s.name is missing", at)
		case d.Name == "":
		case seen[d.Name]:
			s.errorf(item.Line, "%s: %s is there twice", at, d.Name)
		}
		seen[d.Name] = true
		deps = append(deps, d)
	}
	return deps
}

func (m *Meta) refuseItself(s *source) {
	for i, d := range m.Dependencies {
		if d.Name == m.Name && d.Name != "" {
			s.errorf(s.lines[at("dependencies", i)+".name"], "%s depends on itself", m.Name)
		}
	}
}

// name reads the name of a Kube.
func (s *source) name(key string, n *yaml.Node) string {
	name := s.line(key, n)
	if name == "" {
		return ""
	}
	if err := ValidName(name); err != nil {
		s.errorf(n.Line, "%s%s", strings.TrimSuffix(key, "name"), err)
		return ""
	}
	return name
}

// versions reads a range.
func (s *source) versions(key string, n *yaml.Node) Range {
	text := s.line(key, n)
	r, err := ParseRange(text)
	if err != nil {
		s.errorf(n.Line, "%s: %s", key, err)
	}
	return r
}

const quoteIt = "put it in quotes"
