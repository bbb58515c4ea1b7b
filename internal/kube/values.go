package kube

import (
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
)

// items are the entries of the list n.
func (s *source) items(name string, n *yaml.Node) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		s.errorf(n.Line, "%s is %s, not a list", name, describe(n))
		return nil
	}
	return n.Content
}

// list reads a list of one-line texts.
func (s *source) list(name string, n *yaml.Node) []string {
	var texts []string
	for i, item := range s.items(name, n) {
		s.lines[at(name, i)] = item.Line
		texts = append(texts, s.line(at(name, i), item))
	}
	return texts
}

// texts reads a mapping of keys to texts.
func (s *source) texts(name string, n *yaml.Node) map[string]string {
	out := map[string]string{}
	s.pairs(name, n, func(key, value *yaml.Node) {
		full := fmt.Sprintf("%s[%q]", name, key.Value)
		if !Printable(key.Value, false) {
			s.errorf(key.Line, "%s: control or format character in the key", full)
		}
		out[key.Value] = s.text(full, value)
	})
	return out
}

// line reads a text of one line; it is "" when there is a fault.
func (s *source) line(name string, n *yaml.Node) string {
	text := s.text(name, n)
	switch {
	case strings.ContainsAny(text, "\n\t"):
		s.errorf(n.Line, "%s has more than one line, or a tab", name)
	case len(text) > MaxLine:
		s.errorf(n.Line, "%s has %d bytes, more than %d", name, len(text), MaxLine)
	default:
		return text
	}
	return ""
}

// text reads a text that may have several lines, without the space around it.
func (s *source) text(name string, n *yaml.Node) string {
	text := strings.TrimSpace(n.Value)
	switch {
	case n.Kind == yaml.MappingNode:
		s.errorf(n.Line, `%s is a mapping, not a text; a ": " in a text needs quotes, or %s: |-`, name, name)
	case n.Kind != yaml.ScalarNode:
		s.errorf(n.Line, "%s is %s, not a text", name, describe(n))
	case n.ShortTag() == "!!null" || n.ShortTag() == "!!str" && text == "":
		s.errorf(n.Line, "%s is empty", name)
	case n.Style&yaml.TaggedStyle != 0:
		s.errorf(n.Line, "%s has the tag %s; tags are not allowed", name, n.ShortTag())
	case n.ShortTag() != "!!str":
		s.errorf(n.Line, "%s: %s is %s: %s", name, n.Value, describe(n), quoteIt)
	default:
		if r, bad := unprintable(text, true); bad {
			s.errorf(n.Line, "%s has the control or format character %U", name, r)
			return ""
		}
		return text
	}
	return ""
}

// version reads a version. YAML takes one that is too short for a number.
func (s *source) version(name string, n *yaml.Node) *semver.Version {
	text := n.Value
	if tag := n.ShortTag(); n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" {
		text = s.line(name, n)
	}
	if text == "" {
		return nil
	}
	v, err := ParseVersion(text)
	if err != nil {
		s.errorf(n.Line, "%s", err)
		return nil
	}
	return v
}

// at names an entry of a list.
func at(name string, i int) string {
	return fmt.Sprintf("%s[%d]", name, i)
}

// describe says what n is, for somebody who expected something else.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!null":
		return "empty"
	}
	return "a text"
}
