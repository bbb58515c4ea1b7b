package render

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseValues reads a file of values: one YAML document, a mapping, or nothing
// at all. name stands before the line in errors, which are kube.Problems.
func ParseValues(name string, data []byte) (Layer, error) {
	l := Layer{Name: name, Values: Values{}, lines: map[string]int{}}
	root, err := document(name, data)
	if err != nil || root == nil {
		return l, err
	}
	r := &valueReader{file: name, lines: l.lines}
	value, err := r.read(root, "", 0)
	if err != nil {
		return l, err
	}
	values, ok := value.(Values)
	if !ok {
		return l, problem(name, root.Line, "is not a mapping of names to values")
	}
	l.Values = values
	return l, nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): (.*)$`)

// document is the one YAML document in data, or nil.
func document(name string, data []byte) (*yaml.Node, error) {
	if len(data) > MaxSource {
		return nil, problem(name, 0, "is %d bytes, more than %d", len(data), MaxSource)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err == nil {
		if err := dec.Decode(&next); err == nil {
			return nil, problem(name, next.Line, "more than one document")
		} else if !errors.Is(err, io.EOF) {
			return nil, notYAML(name, err)
		}
		if root := doc.Content[0]; root.ShortTag() != "!!null" {
			return root, nil
		}
		return nil, nil
	}
	return nil, notYAML(name, err)
}

func notYAML(name string, err error) error {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		return problem(name, line, "not YAML: %s", m[2])
	}
	return problem(name, 0, "not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
}

// valueReader makes values of YAML nodes and notes their lines.
type valueReader struct {
	file  string
	lines map[string]int
	nodes int // read so far: references to the same node count each time
}

func (r *valueReader) read(n *yaml.Node, at string, depth int) (any, error) {
	if r.nodes++; r.nodes > maxNodes || depth > MaxNesting {
		return nil, problem(r.file, n.Line, "more than %d values, or nested more than %d deep", maxNodes, MaxNesting)
	}
	r.lines[at] = n.Line
	switch n.Kind {
	case yaml.AliasNode:
		return r.read(n.Alias, at, depth+1)
	case yaml.MappingNode:
		return r.mapping(n, at, depth)
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			item, err := r.read(c, at+"/"+strconv.Itoa(i), depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = item
		}
		return out, nil
	}
	return r.scalar(n)
}

func (r *valueReader) mapping(n *yaml.Node, at string, depth int) (any, error) {
	out := Values{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, child := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			return nil, problem(r.file, key.Line, "the merge key << is not allowed")
		}
		if key.Kind != yaml.ScalarNode {
			return nil, problem(r.file, key.Line, "a name is not a text")
		}
		if _, dup := out[key.Value]; dup {
			return nil, problem(r.file, key.Line, "%q is there twice", key.Value)
		}
		full := at + "/" + pointer(key.Value)
		value, err := r.read(child, full, depth+1)
		if err != nil {
			return nil, err
		}
		out[key.Value], r.lines[full] = value, key.Line
	}
	return out, nil
}

func (r *valueReader) scalar(n *yaml.Node) (any, error) {
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return nil, nil
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!bool":
		var b bool
		err := n.Decode(&b)
		return b, err
	case "!!int":
		var i int
		if err := n.Decode(&i); err != nil {
			return nil, problem(r.file, n.Line, "the number %s is too large", n.Value)
		}
		return i, nil
	case "!!float":
		var f float64
		err := n.Decode(&f)
		return f, err
	default:
		return nil, problem(r.file, n.Line, "the tag %s is not allowed", tag)
	}
}

// pointer is a name as a part of a JSON pointer.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
