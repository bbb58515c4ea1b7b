package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts a template into tokens.
type lexer struct {
	*source
	opt    Options
	at     int  // offset of what is read next
	fresh  bool // what was read last ended a line
	tokens []Token
}

// lex gives the tokens of a template. The last one is its end.
func lex(s *source, opt Options) ([]Token, error) {
	l := &lexer{source: s, opt: opt, fresh: true}
	for l.at < len(l.text) {
		if err := l.outside(); err != nil {
			return nil, err
		}
	}
	l.add(classEnd, "", len(l.text))
	return l.tokens, nil
}

func (l *lexer) add(c class, text string, from int) {
	l.tokens = append(l.tokens, Token{c, text, from, l.at})
}

// outside reads text up to a tag, and the tag.
func (l *lexer) outside() error {
	start := l.at
	open := nextOpen(l.text, start)
	if open < 0 {
		l.at = len(l.text)
		l.add(ClassText, l.text[start:], start)
		return nil
	}
	kind := l.text[open+1]
	l.at = open + 2
	l.addText(start, open, l.sign(), kind != '{')
	switch kind {
	case '#':
		return l.comment(open)
	case '{':
		return l.inside(open, ClassPrint)
	}
	if end := rawOpening(l.text, open); end > 0 {
		l.at = end
		return l.raw(open)
	}
	return l.inside(open, ClassOpen)
}

// nextOpen is the offset of the next {{, {% or {#, or -1.
func nextOpen(text string, from int) int {
	for i := from; i+1 < len(text); i++ {
		if text[i] == '{' && strings.IndexByte("{%#", text[i+1]) >= 0 {
			return i
		}
	}
	return -1
}

// sign reads a + or - and returns it, or 0.
func (l *lexer) sign() byte {
	if l.at < len(l.text) && (l.text[l.at] == '-' || l.text[l.at] == '+') {
		l.at++
		return l.text[l.at-1]
	}
	return 0
}

// addText adds the text from start to end, without the white space that the tag
// after it takes away.
func (l *lexer) addText(start, end int, sign byte, block bool) {
	text := l.text[start:end]
	switch {
	case sign == '-':
		text = strings.TrimRightFunc(text, IsSpace)
	case sign != '+' && l.opt.LstripBlocks && block:
		line := strings.LastIndexByte(text, '\n') + 1
		if (line > 0 || l.fresh) && strings.TrimFunc(text[line:], IsSpace) == "" {
			text = text[:line]
		}
	}
	if text != "" {
		l.tokens = append(l.tokens, Token{ClassText, text, start, end})
	}
}

// IsSpace reports whether Python takes r for white space.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// closing is the offset after the end of a tag that stands at from, with the
// white space that goes with it, or -1. mark is %}, #} or }}.
func (l *lexer) closing(from int, mark string) int {
	rest := l.text[from:]
	switch {
	case strings.HasPrefix(rest, "-"+mark):
		return from + 3 + spaces(rest[3:])
	case mark == "}}" && strings.HasPrefix(rest, mark):
		return from + 2
	case mark != "}}" && strings.HasPrefix(rest, "+"+mark):
		return from + 3
	case strings.HasPrefix(rest, mark):
		if l.opt.TrimBlocks && strings.HasPrefix(rest[2:], "\n") {
			return from + 3
		}
		return from + 2
	}
	return -1
}

// spaces is the length of the white space at the start of text.
func spaces(text string) int { return len(text) - len(strings.TrimLeftFunc(text, IsSpace)) }

// moveTo goes to the offset after the end of a tag.
func (l *lexer) moveTo(end int) {
	l.at, l.fresh = end, l.text[end-1] == '\n'
}

func (l *lexer) comment(open int) error {
	for i := l.at; i < len(l.text); i++ {
		if end := l.closing(i, "#}"); end > 0 {
			l.moveTo(end)
			return nil
		}
	}
	return l.Errorf(open, "the comment that starts here has no end: #}")
}

// rawOpening is the offset after the {% raw %} at from, or -1.
func rawOpening(text string, from int) int {
	at := skipSign(text, from+2)
	at += spaces(text[at:])
	if !strings.HasPrefix(text[at:], "raw") {
		return -1
	}
	at += 3
	at += spaces(text[at:])
	switch {
	case strings.HasPrefix(text[at:], "-%}"):
		return at + 3 + spaces(text[at+3:])
	case strings.HasPrefix(text[at:], "%}"):
		return at + 2
	}
	return -1
}

func skipSign(text string, at int) int {
	if at < len(text) && (text[at] == '-' || text[at] == '+') {
		at++
	}
	return at
}

// raw reads text that only looks like tags, up to {% endraw %}.
func (l *lexer) raw(open int) error {
	start := l.at
	l.fresh = l.text[start-1] == '\n'
	for i := start; i < len(l.text); i++ {
		if !strings.HasPrefix(l.text[i:], "{%") {
			continue
		}
		at := skipSign(l.text, i+2)
		sign := l.text[at-1]
		at += spaces(l.text[at:])
		if !strings.HasPrefix(l.text[at:], "endraw") {
			continue
		}
		at += len("endraw")
		if end := l.closing(at+spaces(l.text[at:]), "%}"); end > 0 {
			l.addText(start, i, sign, true)
			l.moveTo(end)
			return nil
		}
	}
	return l.Errorf(open, "the raw that starts here has no end: {%% endraw %%}")
}

// brackets are the ends of what opens.
var brackets = map[byte]byte{'(': ')', '[': ']', '{': '}'}

// inside reads the tag that starts at open, up to its end.
func (l *lexer) inside(open int, kind class) error {
	l.add(kind, "", open)
	mark, end := "%}", ClassClose
	if kind == ClassPrint {
		mark, end = "}}", ClassPrintEnd
	}
	var waiting []byte
	for l.at < len(l.text) && l.at-open <= MaxTag {
		from := l.at
		if n := spaces(l.text[from:]); n > 0 {
			l.at += n
			continue
		}
		if len(waiting) == 0 {
			if after := l.closing(from, mark); after > 0 {
				l.moveTo(after)
				l.add(end, "", from)
				return nil
			}
		}
		if err := l.piece(); err != nil {
			return err
		}
		var err error
		if waiting, err = l.balance(waiting, l.tokens[len(l.tokens)-1]); err != nil {
			return err
		}
	}
	switch {
	case l.at-open > MaxTag:
		return l.Errorf(open, "the tag that starts here is longer than %d bytes", MaxTag)
	case len(waiting) > 0:
		return l.Errorf(open, "a %c is missing in the tag that starts here", waiting[len(waiting)-1])
	}
	return l.Errorf(open, "the tag that starts here has no end: %s", mark)
}

// balance keeps the brackets that wait for their ends.
func (l *lexer) balance(waiting []byte, t Token) ([]byte, error) {
	if t.Class != classSign || len(t.Text) != 1 {
		return waiting, nil
	}
	if end, opens := brackets[t.Text[0]]; opens {
		return append(waiting, end), nil
	}
	if !strings.Contains(")]}", t.Text) {
		return waiting, nil
	}
	n := len(waiting)
	switch {
	case n == 0:
		return nil, l.Errorf(t.From, "%s ends no bracket", t.Text)
	case waiting[n-1] != t.Text[0]:
		return nil, l.Errorf(t.From, "%s stands where %c would end the bracket", t.Text, waiting[n-1])
	}
	return waiting[:n-1], nil
}

// signs are the operators, the longer ones first.
var signs = []string{"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"}

// piece reads one token of a tag.
func (l *lexer) piece() error {
	from := l.at
	if n := floatLength(l.text, from); n > 0 {
		l.at += n
		l.add(ClassFloat, l.text[from:l.at], from)
		return nil
	}
	if n := integerLength(l.text[from:]); n > 0 {
		l.at += n
		l.add(ClassInteger, l.text[from:l.at], from)
		return nil
	}
	if n := wordLength(l.text[from:]); n > 0 {
		return l.word(n)
	}
	if c := l.text[from]; c == '\'' || c == '"' {
		return l.quoted(c)
	}
	for _, s := range signs {
		if strings.HasPrefix(l.text[from:], s) {
			l.at += len(s)
			l.add(classSign, s, from)
			return nil
		}
	}
	r, _ := utf8.DecodeRuneInString(l.text[from:])
	return l.Errorf(from, "%q has no meaning in a tag%s", r, inPlace[r])
}

// inPlace says what to write in place of signs that other languages have.
var inPlace = map[rune]string{
	'&': ": write and", '!': ": write not", '?': ": write VALUE if CONDITION else OTHER", '$': ": names have no $",
	'`': ": texts stand in quotes", '‘': ": texts stand in plain quotes", '’': ": texts stand in plain quotes",
	'“': ": texts stand in plain quotes", '”': ": texts stand in plain quotes",
}

func (l *lexer) word(n int) error {
	from := l.at
	word := l.text[from : from+n]
	if r, _ := utf8.DecodeRuneInString(word); r != '_' && !unicode.IsLetter(r) {
		return l.Errorf(from, "%q is not a name: it starts with a digit", clip(word))
	}
	l.at += n
	l.add(ClassName, word, from)
	return nil
}

func wordLength(text string) int {
	rest := strings.TrimLeftFunc(text, func(r rune) bool {
		return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
	})
	return len(text) - len(rest)
}

func (l *lexer) quoted(mark byte) error {
	from := l.at
	for i := from + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case mark:
			text, err := unescape(l.text[from+1 : i])
			if err != "" {
				return l.Errorf(from, "%s", err)
			}
			l.at = i + 1
			l.add(ClassString, text, from)
			return nil
		}
	}
	return l.Errorf(from, "the text that starts here has no end: %c", mark)
}
