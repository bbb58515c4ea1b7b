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

// shown are nodes in one line each, from where they differ.
func shown(hide bool, nodes ...*yaml.RNode) []string {
	return apart(len(nodes), hide, func(i int) (string, bool) {
		if nodes[i].IsNil() {
			return "", false
		}
		return flow(nodes[i].YNode()), true
	})
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

// shownLines are the lines of each side of a text.
func shownLines(hide bool, sides ...[]string) []string {
	return apart(len(sides), hide, func(i int) (string, bool) { return strings.Join(sides[i], ""), len(sides[i]) > 0 })
}

// apart shows n texts, those that are there, so that they can be told apart: what all
// begin with is left out where it would be all that is shown.
func apart(n int, hide bool, text func(int) (string, bool)) []string {
	all, there := make([]string, n), []string{}
	for i := range n {
		t, ok := text(i)
		if all[i] = strings.TrimSpace(t); ok {
			there = append(there, all[i])
		} else {
			all[i] = nothing
		}
	}
	skip := begin(there)
	for i, t := range all {
		_, ok := text(i)
		switch {
		case ok && hide:
			all[i] = hidden
		case ok:
			all[i] = short(t, skip)
		}
	}
	return all
}

// begin is how many bytes of texts are the same in all, up to the line, or near the
// letter of a long line, in which they differ.
func begin(texts []string) int {
	if len(texts) < 2 {
		return 0
	}
	common := len(texts[0])
	for _, t := range texts[1:] {
		common = min(common, len(t))
		for i := range common {
			if t[i] != texts[0][i] {
				common = i
				break
			}
		}
	}
	skip := strings.LastIndexByte(texts[0][:common], '\n') + 1
	for utf8.RuneCountInString(texts[0][skip:common]) > maxShown*3/4 {
		_, size := utf8.DecodeRuneInString(texts[0][skip:])
		skip += size
	}
	return skip
}

// short is the line of a text at a byte, cut where it is long, and how many there are.
func short(text string, skip int) string {
	line, _, _ := strings.Cut(text[min(skip, len(text)):], "\n")
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) > maxShown {
		line = string([]rune(line)[:maxShown]) + "…"
	}
	if skip > 0 {
		line = "… " + line
	}
	if several := strings.Count(text, "\n") + 1; several > 1 {
		line += fmt.Sprintf(" … (%d lines)", several)
	}
	return line
}

// secretKind is how a manifest, or a template of one, says that it is a Secret.
var secretKind = regexp.MustCompile(`["']?\bkind["']?\s*:\s*["']?Secret\b`)

func ofSecret(text []byte) bool { return secretKind.Match(text) }
