package kube

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// YAML writes a value so that Kubernetes reads the same again: nil, bools, ints,
// int64s, float64s, texts, lists and mappings. Keys are sorted. Texts that YAML would
// fold, trim or refuse, or take for something else, are in double quotes.
func YAML(value any) ([]byte, error) {
	n, err := nodeOf(value)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(n); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// nodeOf is the tree of a value. The library's own reads again what it has written,
// and stumbles over texts that need quotes.
func nodeOf(value any) (*yaml.Node, error) {
	switch v := value.(type) {
	case nil:
		return scalar("!!null", "null"), nil
	case bool:
		return scalar("!!bool", strconv.FormatBool(v)), nil
	case int:
		return scalar("!!int", strconv.Itoa(v)), nil
	case int64:
		return scalar("!!int", strconv.FormatInt(v, 10)), nil
	case float64:
		return scalar("!!float", strconv.FormatFloat(v, 'g', -1, 64)), nil
	case string:
		return textNode(v), nil
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			child, err := nodeOf(item)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		return n, nil
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			child, err := nodeOf(v[key])
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, textNode(key), child)
		}
		return n, nil
	}
	return nil, fmt.Errorf("a %T has no YAML", value)
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

func textNode(text string) *yaml.Node {
	n := scalar("!!str", text)
	switch {
	case needsQuotes(text):
		n.Style = yaml.DoubleQuotedStyle
	case strings.Contains(text, "\n"):
		n.Style = yaml.LiteralStyle
	}
	return n
}

func needsQuotes(text string) bool {
	if _, ok := yamlnode.Word(text).(string); !ok || text == "<<" {
		return true
	}
	if strings.ContainsFunc(text, oddRune) {
		return true
	}
	// A text of many lines is written as it is, unless blanks at its ends would count.
	return strings.Contains(text, "\n") && (strings.TrimLeft(text, " \n") != text || strings.Contains(text, " \n"))
}

// oddRune reports whether YAML may read r otherwise than it stands, outside of double
// quotes. It knows three more line ends than most readers do, U+0085 among them.
func oddRune(r rune) bool {
	return r != '\n' && !unicode.IsPrint(r)
}
