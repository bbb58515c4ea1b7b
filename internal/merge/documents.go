package merge

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// document is one YAML document with its text, from its marker on.
type document struct {
	key  string // what tells it from the others of its file
	text []byte
	tree *yaml.Node // of the whole document, nil: it holds comments only
}

// documents merges YAML files document by document. It is not ok for files that
// are no YAML, or in which an object occurs twice.
func documents(base, ours, theirs []byte) (data []byte, clashes []Clash, ok bool) {
	b, okB := split(base)
	o, okO := split(ours)
	t, okT := split(theirs)
	if !okB || !okO || !okT {
		return nil, nil, false
	}
	var merged []document
	var within [][]Clash // of each document that stays, by its own lines
	for _, key := range order(keys(b), keys(o), keys(t)) {
		doc, more := one(b.get(key), o.get(key), t.get(key))
		if doc == nil {
			clashes = append(clashes, more...)
			continue
		}
		merged, within = append(merged, *doc), append(within, more)
	}
	data, starts := join(merged)
	for i, more := range within {
		for _, c := range more {
			c.Line += starts[i]
			clashes = append(clashes, c)
		}
	}
	return data, clashes, true
}

// stream are the documents of a file.
type stream []document

func (s stream) get(key string) *document {
	for i := range s {
		if s[i].key == key {
			return &s[i]
		}
	}
	return nil
}

func keys(s stream) []string {
	var all []string
	for _, d := range s {
		all = append(all, d.key)
	}
	return all
}

// split cuts a file at its document markers.
func split(data []byte) (stream, bool) {
	var s stream
	current := document{}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if isMarker(text, "...") || text[0] == '%' {
			return nil, false
		}
		if isMarker(text, "---") && line > 1 {
			s = append(s, current)
			current = document{}
		}
		current.text = append(current.text, text...)
	}
	s = append(s, current)
	seen := map[string]bool{}
	for i := range s {
		if !s[i].parse() || seen[s[i].key] {
			return nil, false
		}
		seen[s[i].key] = true
	}
	return s, true
}

func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

// parse reads the document and finds its key: kind, namespace and name of an
// object. An object keeps its key when the version of its kind changes.
func (d *document) parse() bool {
	var doc, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(d.text))
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return false // text after the document, which the tree does not have
	}
	if len(doc.Content) == 0 {
		d.key = "# " + string(bytes.TrimSpace(d.text))
		return true
	}
	d.tree = &doc
	root := doc.Content[0]
	metadata := field(root, "metadata")
	d.key = strings.Join([]string{scalar(field(root, "kind")), scalar(field(metadata, "namespace")), scalar(field(metadata, "name"))}, "/")
	return true
}

// field is the value of a field of a mapping; nil if there is none.
func field(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// order is the order of the user's file, unless only the release changed that of
// base. What the other side has besides comes after what it follows there.
func order(base, ours, theirs []string) []string {
	kept := func(list []string) bool {
		return slices.Equal(only(base, list), only(list, base))
	}
	frame, other := ours, theirs
	if kept(ours) && !kept(theirs) {
		frame, other = theirs, ours
	}
	out := slices.Clone(frame)
	at := 0
	for _, key := range other {
		if i := slices.Index(out, key); i >= 0 {
			at = i + 1
			continue
		}
		out = slices.Insert(out, at, key)
		at++
	}
	return out
}

// only are the elements of list that are in the other, too.
func only(list, other []string) []string {
	var out []string
	for _, s := range list {
		if slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}

// one merges a document; nil is that there is none.
func one(base, ours, theirs *document) (*document, []Clash) {
	switch {
	case equal(base, theirs) || equal(ours, theirs):
		return ours, nil
	case equal(base, ours):
		return theirs, nil
	case ours == nil:
		return nil, []Clash{{Text: theirs.name() + ": you removed it, and the release changed it"}}
	case theirs == nil:
		return ours, []Clash{{Line: 1, Text: ours.name() + ": you changed it, and the release removed it"}}
	case base == nil:
		return ours, []Clash{{Line: 1, Text: ours.name() + ": you and the release added it, with different content"}}
	}
	text, clashes := fields(base, ours, theirs)
	return &document{text: text}, clashes
}

// equal reports whether two documents are the same, markers and ends aside.
func equal(a, b *document) bool {
	if a == nil || b == nil {
		return a == b
	}
	return bytes.Equal(a.bare(), b.bare())
}

func (d *document) bare() []byte {
	text := d.text
	if isMarker(text, "---") {
		text = text[3:]
	}
	return bytes.TrimSpace(text)
}

// name is how a document is called in a clash.
func (d *document) name() string {
	kind, rest, ok := strings.Cut(d.key, "/")
	if rest = strings.TrimPrefix(rest, "/"); !ok || kind == "" || rest == "" {
		return "a document"
	}
	return kind + " " + rest
}

// join writes documents as a file, and says how many lines are before each.
func join(docs []document) (out []byte, starts []int) {
	for i, d := range docs {
		if i > 0 {
			if len(out) > 0 && out[len(out)-1] != '\n' {
				out = append(out, '\n')
			}
			if !isMarker(d.text, "---") {
				out = append(out, "---\n"...)
			}
		}
		starts = append(starts, bytes.Count(out, []byte("\n")))
		out = append(out, d.text...)
	}
	return out, starts
}
