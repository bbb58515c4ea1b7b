package kube

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields are the keys that a mapping may have, and how the value of each is
// read. A reader is given the value's full name.
type fields map[string]func(name string, n *yaml.Node)

// fields reads the mapping n, called name ("" is the whole file), and reports
// whether it is one. It notes the line of each value that was there.
func (s *source) fields(n *yaml.Node, name string, known fields) bool {
	return s.pairs(name, n, func(key, value *yaml.Node) {
		full := strings.TrimPrefix(name+"."+key.Value, ".")
		read, ok := known[key.Value]
		switch {
		case ok:
			s.lines[full] = value.Line
			read(full, value)
		case s.strict:
			nearest, _ := Nearest(key.Value, slices.Sorted(maps.Keys(known)))
			s.errorf(key.Line, "unknown key %q; the nearest known key is %q", key.Value, nearest)
		}
	})
}

// pairs calls do for each key of the mapping n that is not there twice.
func (s *source) pairs(name string, n *yaml.Node, do func(key, value *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		s.errorf(n.Line, "%s is %s, not a mapping of keys to values", name, describe(n))
		return false
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		first, dup := seen[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			s.errorf(key.Line, "a key is %s, not a text", describe(key))
		case dup:
			s.errorf(key.Line, "key %q is there twice, first in line %d", key.Value, first)
		default:
			seen[key.Value] = key.Line
			do(key, n.Content[i+1])
		}
	}
	return true
}
