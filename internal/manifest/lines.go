package manifest

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// Lines finds the lines of fields in a file that Decode has read.
type Lines struct {
	docs []document
	read map[int]*yaml.Node // the roots of documents, by where they are in docs
}

// LinesOf is for the file of data; nothing of it is read before a line is asked for.
func LinesOf(data []byte) *Lines {
	return &Lines{docs: split(bytes.TrimPrefix(data, []byte("\ufeff"))), read: map[int]*yaml.Node{}}
}

// Of is the line of the field of o that at leads to, or of what is there on the way.
func (l *Lines) Of(o Object, at []any) int {
	for i, doc := range l.docs {
		if i+1 < len(l.docs) && l.docs[i+1].line <= o.Line {
			continue
		}
		if n := objectIn(l.root(i), o, doc.line); n != nil {
			return lineOf(n, at, o.Line-doc.line+1) + doc.line - 1
		}
		break
	}
	return o.Line
}

func (l *Lines) root(i int) *yaml.Node {
	n, ok := l.read[i]
	if !ok {
		n, _ = parseNode(l.docs[i].text) //nolint:errcheck // what cannot be read has no lines
		l.read[i] = n
	}
	return n
}

// objectIn is the mapping of an object in a document that begins at the line first: the
// document, or the item of a list. Items of a list in JSON have the line of the list.
func objectIn(n *yaml.Node, o Object, first int) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	items := child(n, "items")
	if items == nil || items.Kind != yaml.SequenceNode {
		return n
	}
	var alike *yaml.Node
	for _, item := range items.Content {
		name, kind := child(child(item, "metadata"), "name"), child(item, "kind")
		if name == nil || name.Value != o.Name || kind != nil && kind.Value != o.Kind {
			continue
		}
		if item.Line+first-1 == o.Line {
			return item
		}
		if n.Line+first-1 == o.Line {
			alike = item
		}
	}
	return alike
}

// lineOf follows at as far as it leads; line is for where that is nowhere.
func lineOf(n *yaml.Node, at []any, line int) int {
	for _, step := range at {
		if n.Kind == yaml.AliasNode {
			return line
		}
		switch step := step.(type) {
		case string:
			key, value := pair(n, step)
			if value == nil {
				return line
			}
			line, n = key.Line, value
		case int:
			if n.Kind != yaml.SequenceNode || step >= len(n.Content) {
				return line
			}
			n = n.Content[step]
			line = n.Line
		}
	}
	return line
}

func child(n *yaml.Node, name string) *yaml.Node {
	_, value := pair(n, name)
	return value
}

// pair is the key of a mapping that Kubernetes reads as name, and its value.
func pair(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind == yaml.ScalarNode && keyOf(k) == name {
			return k, n.Content[i+1]
		}
	}
	return nil, nil
}
