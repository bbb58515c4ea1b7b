package merge

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// document is one YAML document with its text, from its marker on.
type document struct {
	key  string // what tells it from the others of its file
	text []byte
	tree *yaml.Node // of the whole document, nil: it holds comments only
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

// anywhere is the key without the namespace.
func (d *document) anywhere() string {
	if kind, rest, ok := strings.Cut(d.key, "/"); ok && d.tree != nil {
		_, name, _ := strings.Cut(rest, "/")
		return kind + "//" + name
	}
	return d.key
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
