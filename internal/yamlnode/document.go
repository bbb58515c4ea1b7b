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
// under it the next, and so on; 0 where they are not.
func Line(text []byte, keys ...string) int {
	_, line := find(text, keys)
	return line
}

// Items are the lines of the items of the list that the keys lead to; none where there
// is no list.
func Items(text []byte, keys ...string) []int {
	list, _ := find(text, keys)
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	lines := make([]int, len(list.Content))
	for i, item := range list.Content {
		lines[i] = item.Line
	}
	return lines
}

// Keys are the lines of the keys of the mapping that the keys lead to; none where there is
// no mapping.
func Keys(text []byte, keys ...string) map[string]int {
	mapping, _ := find(text, keys)
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	lines := map[string]int{}
	for pair := range slices.Chunk(mapping.Content, 2) {
		lines[pair[0].Value] = pair[0].Line
	}
	return lines
}

// find is the value that keys lead to, and the line of the last key; nil and 0 where they
// are not.
func find(text []byte, keys []string) (value *yaml.Node, line int) {
	value, _, _ = Document(text) //nolint:errcheck // what is not YAML has no keys
	for _, key := range keys {
		if value, line = valueOf(value, key); value == nil {
			return nil, 0
		}
	}
	return value, line
}

// valueOf is the value of a key in a mapping, and the line of the key; nil where
// it is not.
func valueOf(n *yaml.Node, key string) (value *yaml.Node, line int) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, 0
	}
	for pair := range slices.Chunk(n.Content, 2) {
		if pair[0].Value == key {
			return pair[1], pair[0].Line
		}
	}
	return nil, 0
}
