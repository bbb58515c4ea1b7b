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

// side is what one side has, if anything.
type side struct {
	text  string
	there bool
}

// shown are nodes in one line each, from where they differ.
func shown(hide bool, nodes ...*yaml.RNode) []string {
	sides := make([]side, len(nodes))
	for i, n := range nodes {
		if !n.IsNil() {
			sides[i] = side{flow(n.YNode()), true}
		}
	}
	return apart(hide, sides)
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
func shownLines(hide bool, texts ...[]string) []string {
	sides := make([]side, len(texts))
	for i, lines := range texts {
		sides[i] = side{strings.Join(lines, ""), len(lines) > 0}
	}
	return apart(hide, sides)
}

// apart shows sides so that they can be told apart: what all begin with is left out where
// it would be all that is shown.
func apart(hide bool, sides []side) []string {
	var texts []string
	for i := range sides {
		sides[i].text = strings.TrimSpace(sides[i].text)
		if sides[i].there {
			texts = append(texts, sides[i].text)
		}
	}
	skip, all := prefixOf(texts), make([]string, len(sides))
	for i, s := range sides {
		switch {
		case !s.there:
			all[i] = nothing
		case hide:
			all[i] = hidden
		default:
			all[i] = short(s.text, skip)
		}
	}
	return all
}

// prefixOf is how many bytes of texts are the same in all, up to the line, or in a long line
// up to some letters before the one, in which they differ.
func prefixOf(texts []string) int {
	if len(texts) < 2 {
		return 0
	}
	common := texts[0]
	for _, t := range texts[1:] {
		n := min(len(common), len(t))
		for i := range n {
			if t[i] != common[i] {
				n = i
				break
			}
		}
		common = common[:n]
	}
	line, near := strings.LastIndexByte(common, '\n')+1, len(common)
	for range maxShown * 3 / 4 {
		_, size := utf8.DecodeLastRuneInString(common[:near])
		near -= size
	}
	for near < len(common) && !utf8.RuneStart(common[near]) {
		near++
	}
	return max(line, near)
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
