package site

import (
	"regexp"
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// yamlTokens are the tokens of YAML, with Jinja's tags in it. Most files of a
// Kube are YAML, and this takes a tenth of the time of chroma's own lexer, which
// does not know templates. It sees one line at a time, and takes for plain text
// what it does not know; the tokens together are the text.
func yamlTokens(text string) []chroma.Token {
	y := &yamlLexer{block: -1}
	for line := range strings.Lines(text) {
		y.line(line)
	}
	return y.tokens
}

type yamlLexer struct {
	tokens []chroma.Token
	block  int    // a block scalar goes on in lines that are indented by more than this; -1 outside
	tag    string // how the Jinja tag ends that a line began and did not end
	key    bool   // a key may follow: nothing was on the line yet, or what separates keys
}

// add adds a token, to the one before if it is of the same kind.
func (y *yamlLexer) add(kind chroma.TokenType, text string) {
	if text == "" {
		return
	}
	if n := len(y.tokens); n > 0 && y.tokens[n-1].Type == kind {
		y.tokens[n-1].Value += text
		return
	}
	y.tokens = append(y.tokens, chroma.Token{Type: kind, Value: text})
}

var (
	yamlKey    = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'{}\[\],&*!|>%@` + "`" + `-][^#{}\[\],:]*|-[^\s#{}\[\],:][^#{}\[\],:]*)(?:[ \t]*):(?:[ \t\r\n]|$)`)
	yamlScalar = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')`)
	yamlWord   = regexp.MustCompile(`^[^\s{}\[\],]+`)
	yamlNumber = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+|0o[0-7]+)$`)
	yamlBlock  = regexp.MustCompile(`^[|>][-+0-9]*[ \t]*(?:#.*)?\r?\n?$`)
	yamlSpaces = regexp.MustCompile(`^[ \t\r\n]+`)
)

// line adds the tokens of one line.
func (y *yamlLexer) line(line string) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	blank := strings.TrimSpace(line) == ""
	if y.tag == "" && y.block >= 0 && (blank || indent > y.block) {
		y.text(chroma.LiteralString, line)
		return
	}
	y.block, y.key = -1, true
	rest := line
	for rest != "" {
		rest = y.next(rest, indent)
	}
}

// next adds the token that rest begins with, and gives what is after it.
func (y *yamlLexer) next(rest string, indent int) string {
	if y.tag != "" || jinjaEnd(rest) != "" {
		return y.jinja(rest)
	}
	if found := yamlSpaces.FindString(rest); found != "" {
		y.add(chroma.Text, found)
		return rest[len(found):]
	}
	if rest[0] == '#' {
		y.add(chroma.Comment, rest)
		return ""
	}
	if yamlBlock.MatchString(rest) {
		y.block = indent
		y.add(chroma.Punctuation, rest)
		return ""
	}
	if colon := y.colon(rest); colon > 0 {
		y.add(chroma.NameTag, rest[:colon])
		y.add(chroma.Punctuation, ":")
		return rest[colon+1:]
	}
	if found := yamlScalar.FindString(rest); found != "" {
		y.text(chroma.LiteralString, found)
		return rest[len(found):]
	}
	if rest[0] == '-' && (len(rest) == 1 || strings.ContainsRune(" \r\n", rune(rest[1]))) || strings.IndexByte("{}[],", rest[0]) >= 0 {
		y.add(chroma.Punctuation, rest[:1])
		y.key = true
		return rest[1:]
	}
	found := yamlWord.FindString(rest)
	if at := strings.Index(found, "{{"); at > 0 {
		found = found[:at]
	}
	if found == "" {
		found = rest[:1]
	}
	y.add(yamlKind(found), found)
	return rest[len(found):]
}

// colon is where the key ends that rest begins with, 0 where it begins with none.
// It is looked for once, as each time costs the length of the line.
func (y *yamlLexer) colon(rest string) int {
	if !y.key {
		return 0
	}
	y.key = false
	return max(strings.LastIndexByte(yamlKey.FindString(rest), ':'), 0)
}

// yamlKind is what a plain word is.
func yamlKind(word string) chroma.TokenType {
	switch {
	case word == "true" || word == "false" || word == "null" || word == "~":
		return chroma.KeywordConstant
	case yamlNumber.MatchString(word):
		return chroma.LiteralNumber
	case word == "---" || word == "...":
		return chroma.Punctuation
	case strings.IndexByte("&*!", word[0]) >= 0:
		return chroma.Keyword
	}
	return chroma.Text
}

// jinjaEnd is how the Jinja tag ends that text begins with, "" where it begins with
// none.
func jinjaEnd(text string) string {
	if len(text) < 2 || text[0] != '{' {
		return ""
	}
	return map[byte]string{'{': "}}", '%': "%}", '#': "#}"}[text[1]]
}

// jinja adds a Jinja tag, or what a line has of it.
func (y *yamlLexer) jinja(rest string) string {
	if y.tag == "" {
		y.tag = jinjaEnd(rest)
	}
	kind, at := chroma.Keyword, strings.Index(rest, y.tag)
	if y.tag == "#}" {
		kind = chroma.Comment
	}
	if at < 0 {
		y.add(kind, rest)
		return ""
	}
	at += len(y.tag)
	y.tag = ""
	y.add(kind, rest[:at])
	return rest[at:]
}

// text adds text in which there may be Jinja tags.
func (y *yamlLexer) text(kind chroma.TokenType, text string) {
	for text != "" {
		if y.tag != "" || jinjaEnd(text) != "" {
			text = y.jinja(text)
			continue
		}
		at := strings.IndexByte(text[1:], '{') + 1
		if at == 0 {
			at = len(text)
		}
		y.add(kind, text[:at])
		text = text[at:]
	}
}
