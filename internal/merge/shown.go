package merge

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// maxShown is how long a value is shown, in characters: enough to tell an image or a
// number from another.
const maxShown = 80

// nothing stands for what a side does not have.
const nothing = "nothing"

// hidden stands for a value of a Secret.
const hidden = "(hidden)"

// shown is a node in one line.
func shown(n *yaml.RNode, hide bool) string {
	switch {
	case n.IsNil():
		return nothing
	case hide:
		return hidden
	}
	return short(flow(n.YNode()))
}

// flow writes a node as YAML's flow style does.
func flow(n *yaml.Node) string {
	var parts []string
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, n.Content[i].Value+": "+flow(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		for _, item := range n.Content {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case yaml.AliasNode:
		return "*" + n.Value
	}
	if n.Value == "" {
		return map[bool]string{true: "null", false: `""`}[n.Tag == nullTag]
	}
	if plain := (&yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}); n.ShortTag() == yaml.NodeTagString && plain.ShortTag() != yaml.NodeTagString {
		return strconv.Quote(n.Value)
	}
	return n.Value
}

// shownLines are the lines of one side of a text.
func shownLines(lines []string, hide bool) string {
	switch {
	case len(lines) == 0:
		return nothing
	case hide:
		return hidden
	}
	return short(strings.Join(lines, ""))
}

// short is the first line of a text, cut where it is long, and how many there are.
func short(text string) string {
	text = strings.TrimSpace(text)
	first, _, several := strings.Cut(text, "\n")
	first = strings.TrimSpace(first)
	if utf8.RuneCountInString(first) > maxShown {
		first = string([]rune(first)[:maxShown]) + "…"
	}
	if several {
		first += fmt.Sprintf(" … (%d lines)", strings.Count(text, "\n")+1)
	}
	return first
}

// secretKind is how a manifest, or a template of one, says that it is a Secret.
var secretKind = regexp.MustCompile(`["']?\bkind["']?\s*:\s*["']?Secret\b`)

func ofSecret(text []byte) bool { return secretKind.Match(text) }
