package yamlnode

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Document reads the first document in text: its root, which is nil where there
// is none, and the line of a second one, 0 if there is none. An error beside a
// root is of what follows the first document; Fault says where.
func Document(text []byte) (root *yaml.Node, second int, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var first, next yaml.Node
	if err := dec.Decode(&first); errors.Is(err, io.EOF) {
		return nil, 0, nil
	} else if err != nil {
		return nil, 0, err
	}
	err = dec.Decode(&next)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return first.Content[0], next.Line, err
}

var fault = regexp.MustCompile(`(?s)^(?:error converting YAML to JSON: )?(?:yaml: )?(?:line (\d+): )?(.*)$`)

// Fault is what a YAML reader's error says, without the reader's name, and the
// line that it names, 0 for none. The readers have no other way to tell.
func Fault(err error) (line int, message string) {
	m := fault.FindStringSubmatch(err.Error())
	line, _ = strconv.Atoi(m[1]) //nolint:errcheck // the pattern lets only digits through; without them it is 0
	return line, m[2]
}

// Line is the line on which a mapping has the first of the keys, the mapping
// under it the next, and so on; 0 where they are not. In a list a key is the
// number of an item, from 0.
func Line(text []byte, keys ...string) int {
	at, _, _ := Document(text) //nolint:errcheck // what is not YAML has no keys
	line := 0
	for _, key := range keys {
		if at, line = valueOf(at, key); at == nil {
			return 0
		}
	}
	return line
}

// valueOf is the value of a key in a mapping, and the line of the key, or an item of a
// list; nil where it is not.
func valueOf(n *yaml.Node, key string) (value *yaml.Node, line int) {
	if n == nil {
		return nil, 0
	}
	if i, err := strconv.Atoi(key); n.Kind == yaml.SequenceNode && err == nil && i >= 0 && i < len(n.Content) {
		return n.Content[i], n.Content[i].Line
	}
	if n.Kind != yaml.MappingNode {
		return nil, 0
	}
	for pair := range slices.Chunk(n.Content, 2) {
		if pair[0].Value == key {
			return pair[1], pair[0].Line
		}
	}
	return nil, 0
}
