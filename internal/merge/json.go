package merge

import (
	"bytes"
	"encoding/json"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// encodeJSON writes a tree that was read from JSON, in the manner of a text: its fields
// in their order, indented as there, or on one line.
func encodeJSON(tree *yaml.Node, like []byte) ([]byte, error) {
	if meaning(like) == canonical(tree) {
		return like, nil
	}
	var flat, out bytes.Buffer
	if err := writeJSON(&flat, tree.Content[0]); err != nil {
		return nil, err
	}
	indent := indentOf(like)
	if indent == "" {
		return append(flat.Bytes(), endOf(like)...), nil
	}
	if err := json.Indent(&out, flat.Bytes(), "", indent); err != nil {
		return nil, err
	}
	return append(out.Bytes(), endOf(like)...), nil
}

func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch {
	case n.Kind == yaml.MappingNode:
		return writeItems(out, n.Content, 2, "{}")
	case n.Kind == yaml.SequenceNode:
		return writeItems(out, n.Content, 1, "[]")
	case n.Kind == yaml.ScalarNode && n.ShortTag() != yaml.NodeTagString && json.Valid([]byte(n.Value)):
		out.WriteString(n.Value)
		return nil
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(n.Value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the end of the line
	return nil
}

// writeItems writes what is in a list, or in a mapping, where each takes two nodes.
func writeItems(out *bytes.Buffer, nodes []*yaml.Node, each int, brackets string) error {
	out.WriteByte(brackets[0])
	for i, n := range nodes {
		switch {
		case i%each == 1:
			out.WriteString(": ")
		case i > 0:
			out.WriteString(", ")
		}
		if err := writeJSON(out, n); err != nil {
			return err
		}
	}
	out.WriteByte(brackets[1])
	return nil
}

// indentOf is how the first line of a text that is indented is; "" where none is.
func indentOf(text []byte) string {
	for line := range bytes.Lines(text) {
		if rest := bytes.TrimLeft(line, " \t"); len(rest) < len(line) {
			return string(line[:len(line)-len(rest)])
		}
	}
	return ""
}

func endOf(text []byte) string {
	if bytes.HasSuffix(text, []byte("\n")) {
		return "\n"
	}
	return ""
}
