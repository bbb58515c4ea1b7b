package admit

import (
	"slices"
	"strings"
)

// celTree is an expression in CEL, or a part of one.
type celTree struct {
	op   string // literal, name, call, method, list, map, object, optional, ".", "?.", "[]", "?[]", "?:", not, minus, or an operator
	word string // literal, name, function or field
	args []*celTree
}

// maxDepth is how deep an expression is read, which is as deep as servers read one, and
// maxWords how many words it has.
const (
	maxDepth = 200
	maxWords = 10_000
)

// tree reads an expression; nil of one that is not read. Of one that no grammar takes left
// is where: the number of the words before.
func (w celWords) tree() (t *celTree, left int) {
	if len(w) == 0 || len(w) > maxWords {
		return nil, -1
	}
	p := &celParser{words: w}
	t = p.expression()
	switch {
	case p.deep:
		return nil, -1
	case p.bad:
		return nil, p.end
	case p.at < len(w):
		return nil, p.at
	}
	return t, -1
}

type celParser struct {
	words     celWords
	at, depth int
	bad, deep bool
	end       int // where it is bad
}

func (p *celParser) fail() {
	if !p.bad {
		p.bad, p.end = true, p.at
	}
}

// takes goes past a token, if it is the next.
func (p *celParser) takes(word string) bool {
	if p.bad || p.words.nth(p.at) != word {
		return false
	}
	p.at++
	return true
}

func (p *celParser) wants(word string) {
	if !p.takes(word) {
		p.fail()
	}
}

// name reads one, of a variable, a function or a field.
func (p *celParser) name() string {
	word := p.words.nth(p.at)
	if !identifierForm().MatchString(word) && !strings.HasPrefix(word, "`") || celKindOf(word) != "" || word == "in" {
		p.fail()
	}
	p.at++
	return word
}

// celLevels are the operators between two values, those that bind least first.
var celLevels = [][]string{{"||"}, {"&&"}, {"==", "!=", "<", "<=", ">", ">=", "in"}, {"+", "-"}, {"*", "/", "%"}}

func (p *celParser) expression() *celTree {
	if p.depth++; p.depth > maxDepth {
		p.deep = true
		p.fail()
	}
	defer func() { p.depth-- }()
	t := p.operators(0)
	if !p.takes("?") {
		return t
	}
	yes := p.operators(0)
	p.wants(":")
	return &celTree{"?:", "", []*celTree{t, yes, p.expression()}}
}

func (p *celParser) operators(level int) *celTree {
	if level == len(celLevels) {
		return p.unary()
	}
	t := p.operators(level + 1)
	for !p.bad && slices.Contains(celLevels[level], p.words.nth(p.at)) {
		op := p.words[p.at]
		p.at++
		t = &celTree{op, "", []*celTree{t, p.operators(level + 1)}}
	}
	return t
}

// unary reads signs before a value, of which two of a sort are none.
func (p *celParser) unary() *celTree {
	sign := p.words.nth(p.at)
	if sign != "!" && sign != "-" {
		return p.member(p.primary())
	}
	n := 0
	for p.takes(sign) {
		n++
	}
	t := p.unary()
	if n%2 == 0 {
		return t
	}
	return &celTree{map[string]string{"!": "not", "-": "minus"}[sign], "", []*celTree{t}}
}

// member reads what follows a value: fields, methods and items, and after the name of a type
// the fields of an object of it.
func (p *celParser) member(t *celTree) *celTree {
	for !p.bad {
		switch {
		case p.takes("."):
			op := p.perhaps(".")
			field := p.name()
			if op == "." && p.takes("(") {
				t = &celTree{"method", field, append([]*celTree{t}, p.list(")")...)}
			} else {
				t = &celTree{op, field, []*celTree{t}}
			}
		case p.takes("["):
			op := p.perhaps("[]")
			t = &celTree{op, "", []*celTree{t, p.expression()}}
			p.wants("]")
		case (t.op == "name" || t.op == ".") && p.takes("{"):
			t = &celTree{"object", t.dotted(), p.entries()}
		default:
			return t
		}
	}
	return t
}

// dotted is a name with what is in it, as in a.b.
func (t *celTree) dotted() string {
	if t.op == "." {
		return t.args[0].dotted() + "." + t.word
	}
	return t.word
}

// perhaps is an operator of what may be missing, where a question mark follows.
func (p *celParser) perhaps(op string) string {
	if p.takes("?") {
		return "?" + op
	}
	return op
}

// empty goes past the comma of a list or mapping with nothing else in it.
func (p *celParser) empty(end string) {
	if p.words.nth(p.at) == "," && p.words.nth(p.at+1) == end {
		p.at++
	}
}

// list reads expressions with commas between them up to a bracket.
func (p *celParser) list(end string) (all []*celTree) {
	if end == "]" {
		p.empty(end)
	}
	for !p.bad && !p.takes(end) {
		if len(all) > 0 {
			p.wants(",")
			if end == "]" && p.takes(end) {
				break
			}
		}
		all = append(all, p.optional(end == "]"))
	}
	return all
}

// optional reads an item that may be missing.
func (p *celParser) optional(may bool) *celTree {
	if may && p.takes("?") {
		return &celTree{"optional", "", []*celTree{p.expression()}}
	}
	return p.expression()
}

func (p *celParser) primary() *celTree {
	switch {
	case p.takes("("):
		t := p.expression()
		p.wants(")")
		return t
	case p.takes("["):
		return &celTree{"list", "", p.list("]")}
	case p.takes("{"):
		return &celTree{"map", "", p.entries()}
	case celKindOf(p.words.nth(p.at)) != "":
		p.at++
		return &celTree{"literal", p.words[p.at-1], nil}
	}
	top := p.takes(".")
	word := p.name()
	switch {
	case p.takes("("):
		return &celTree{"call", word, p.list(")")}
	case top:
		return &celTree{"name", "." + word, nil}
	}
	return &celTree{"name", word, nil}
}

// entries reads keys and values in turn.
func (p *celParser) entries() (all []*celTree) {
	p.empty("}")
	for !p.bad && !p.takes("}") {
		if len(all) > 0 {
			p.wants(",")
			if p.takes("}") {
				break
			}
		}
		key := p.optional(true)
		p.wants(":")
		value := p.expression()
		if key.op == "optional" {
			value = &celTree{"optional", "", []*celTree{value}}
		}
		all = append(all, key, value)
	}
	return all
}

// celKindOf is the type of a literal, "" of what is none.
func celKindOf(word string) string {
	m := celToken().FindStringSubmatch(word)
	switch {
	case word == "true", word == "false":
		return "bool"
	case word == "null":
		return "null"
	case m == nil || m[0] != word || m[2]+m[3] == "":
		return ""
	case m[2] != "":
		return textKind(word)
	}
	return numberKind(word)
}
