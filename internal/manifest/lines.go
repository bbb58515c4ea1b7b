package manifest

import (
	"bytes"
	"sort"

	"go.yaml.in/yaml/v3"
)

// Lines finds the lines of fields in a file that Decode has read.
type Lines struct {
	docs    []document
	read    map[int]*yaml.Node                 // the roots of documents, by where they are in docs
	keys    map[*yaml.Node]map[string]int      // of long mappings: where the key is that Kubernetes reads as a name
	objects map[*yaml.Node]map[item]*yaml.Node // of lists of objects
}

// item is how an object in a list is found: by its line, or where that is 0, whatever it is.
type item struct {
	name, kind string
	line       int
}

// LinesOf is for the file of data; nothing of it is read before a line is asked for.
func LinesOf(data []byte) *Lines {
	return &Lines{
		docs: split(bytes.TrimPrefix(data, []byte("\ufeff"))), read: map[int]*yaml.Node{},
		keys: map[*yaml.Node]map[string]int{}, objects: map[*yaml.Node]map[item]*yaml.Node{},
	}
}

// Of is the line of the field of o that at leads to, or of what is there on the way.
func (l *Lines) Of(o Object, at []any) int {
	i := sort.Search(len(l.docs)-1, func(i int) bool { return l.docs[i+1].line > o.Line })
	doc := l.docs[i]
	if n := l.object(l.root(i), o, doc.line); n != nil {
		return l.line(n, at, o.Line-doc.line+1) + doc.line - 1
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

// object is the mapping of an object in a document that begins at the line first: the
// document, or the item of a list. Items of a list in JSON have the line of the list.
func (l *Lines) object(n *yaml.Node, o Object, first int) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	list := l.child(n, "items")
	if list == nil || list.Kind != yaml.SequenceNode {
		return n
	}
	known, ok := l.objects[list]
	if !ok {
		known = l.items(list)
		l.objects[list] = known
	}
	line := o.Line - first + 1
	for _, kind := range []string{o.Kind, ""} {
		if found := known[item{o.Name, kind, line}]; found != nil {
			return found
		}
	}
	if n.Line != line {
		return nil
	}
	if alike := known[item{o.Name, o.Kind, 0}]; alike != nil {
		return alike
	}
	return known[item{o.Name, "", 0}]
}

// items are the objects of a list: of those on one line the first, of those that are
// alike the last.
func (l *Lines) items(list *yaml.Node) map[item]*yaml.Node {
	known := map[item]*yaml.Node{}
	for _, n := range list.Content {
		name, kind := l.child(l.child(n, "metadata"), "name"), l.child(n, "kind")
		if name == nil {
			continue
		}
		it := item{name: name.Value, line: n.Line}
		if kind != nil {
			it.kind = kind.Value
		}
		if known[it] == nil {
			known[it] = n
		}
		it.line = 0
		known[it] = n
	}
	return known
}

// line follows at as far as it leads; line is for where that is nowhere.
func (l *Lines) line(n *yaml.Node, at []any, line int) int {
	for _, step := range at {
		if n.Kind == yaml.AliasNode {
			return line
		}
		switch step := step.(type) {
		case string:
			key, value := l.pair(n, step)
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

func (l *Lines) child(n *yaml.Node, name string) *yaml.Node {
	_, value := l.pair(n, name)
	return value
}

// pair is the key of a mapping that Kubernetes reads as name, and its value.
func (l *Lines) pair(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	if len(n.Content) < 32 {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; k.Kind == yaml.ScalarNode && keyOf(k) == name {
				return k, n.Content[i+1]
			}
		}
		return nil, nil
	}
	known, ok := l.keys[n]
	if !ok {
		known = map[string]int{}
		for i := len(n.Content) - 2; i >= 0; i -= 2 {
			if k := n.Content[i]; k.Kind == yaml.ScalarNode {
				known[keyOf(k)] = i
			}
		}
		l.keys[n] = known
	}
	i, ok := known[name]
	if !ok {
		return nil, nil
	}
	return n.Content[i], n.Content[i+1]
}
