package merge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
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

// apart shows sides so that each two can be told apart: what all begin with is left out
// where it would be all that is shown. Those that differ in spaces alone are quoted.
func apart(hide bool, sides []side) []string {
	all, plain, exact := make([]string, len(sides)), make(texts, len(sides)), make(texts, len(sides))
	var there []int
	for i, s := range sides {
		switch {
		case !s.there:
			all[i] = nothing
		case hide:
			all[i] = hidden
		default:
			plain[i], exact[i] = strings.TrimSpace(s.text), s.text
			there = append(there, i)
		}
	}
	plain.tell(all, there, 0, trimmed)
	alike := slices.ContainsFunc(there, func(i int) bool {
		return slices.ContainsFunc(there, func(j int) bool { return all[i] == all[j] && exact[i] != exact[j] })
	})
	if alike {
		for _, i := range there {
			all[i] = ""
		}
		exact.tell(all, there, 0, quoted)
	}
	for _, i := range there {
		if several := strings.Count(plain[i], "\n") + 1; several > 1 {
			all[i] += fmt.Sprintf(" … (%d lines)", several)
		}
	}
	return all
}

// texts are what sides say, "" where a side is not told.
type texts []string

// tell adds to what is shown of some texts the first line, from a byte on, in which they
// are not all the same, and goes on with those of which that is the same again.
func (t texts) tell(all []string, some []int, from int, write func(string) string) {
	var rest []string
	for _, i := range some {
		rest = append(rest, t[i][min(from, len(t[i])):])
		if from > 0 {
			rest[len(rest)-1] += "\n" // what has no more lines differs in the next one
		}
	}
	skip := from + prefixOf(rest)
	alike := map[string][]int{}
	for _, i := range some {
		line := write(t.line(i, skip))
		alike[line] = append(alike[line], i)
		switch {
		case skip == 0:
			all[i] = line
		case line != "" || all[i] == "":
			all[i] = strings.TrimSpace(all[i] + " … " + line)
		}
	}
	for _, group := range alike {
		next := skip
		first := group[0]
		line := strings.TrimSuffix(t.line(first, skip), "\n")
		if !slices.ContainsFunc(group, func(i int) bool { return strings.TrimSuffix(t.line(i, skip), "\n") != line }) {
			next += len(line) + 1
		}
		differ := slices.ContainsFunc(group, func(i int) bool { return t[i] != t[first] })
		if differ && (next > from || len(group) < len(some)) {
			t.tell(all, group, next, write)
		}
	}
}

// line is the line of a text at a byte, with its end.
func (t texts) line(i, at int) string {
	line, _, more := strings.Cut(t[i][min(at, len(t[i])):], "\n")
	if more {
		line += "\n"
	}
	return line
}

func trimmed(line string) string { return cutLong(strings.TrimSpace(line)) }

func quoted(line string) string { return strconv.Quote(cutLong(line)) }

func cutLong(line string) string {
	if utf8.RuneCountInString(line) <= maxShown {
		return line
	}
	return string([]rune(line)[:maxShown]) + "…"
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

// secretKind is how a manifest, or a template of one, says that it is a Secret.
var secretKind = lazyregexp.New(`["']?\bkind["']?\s*:\s*["']?Secret\b`)

func ofSecret(text []byte) bool { return secretKind().Match(text) }
