package render

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words reads the inside of one tag.
type words struct {
	source  *source
	ready   []byte // white space is made blanks here
	from    int    // offset of the tag
	at      int    // offset of what is read next
	closing string // }} or %}
	open    []byte // brackets that wait for their ends
	words   []token
}

// signs are those that the language knows, the longer ones first.
var signs = []string{"**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "|", ",", ":", ".", "<", ">", "=", "(", ")", "[", "]", "{", "}"}

func (w *words) read() error {
	text := w.source.text
	w.control()
	for {
		if w.at >= len(text) {
			return w.source.errorf(w.from, "the tag that starts here has no end: %s", w.closing)
		}
		if w.at-w.from > maxTag {
			return w.source.errorf(w.from, "the tag that starts here is longer than %d bytes", maxTag)
		}
		if w.ends() {
			return nil
		}
		if err := w.next(); err != nil {
			return err
		}
	}
}

// control passes the sign for white space after an opening.
func (w *words) control() {
	if rest := w.source.text[w.at:]; strings.HasPrefix(rest, "-") || w.closing == "%}" && strings.HasPrefix(rest, "+") {
		w.at++
	}
}

// ends passes the end of the tag, if it is here.
func (w *words) ends() bool {
	if n := len(w.open); n > 0 && (w.open[n-1] == '}' || w.closing == "%}") {
		return false
	}
	rest := w.source.text[w.at:]
	if !strings.HasPrefix(rest, w.closing) {
		control := rest[0] == '-' || rest[0] == '+' && w.closing == "%}"
		if !control || !strings.HasPrefix(rest[1:], w.closing) {
			return false
		}
		w.at++
	}
	w.at += len(w.closing)
	return true
}

func (w *words) next() error {
	rest := w.source.text[w.at:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.ContainsRune(" \t\n\v\f", r):
		w.ready[w.at] = ' '
		w.at++
	case r == '"' || r == '\'':
		return w.quoted(byte(r))
	case r == utf8.RuneError && size == 1:
		return w.source.errorf(w.at, "not UTF-8")
	case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
		return w.word()
	default:
		return w.sign(r)
	}
	return nil
}

func (w *words) add(n int) {
	w.words = append(w.words, token{w.source.text[w.at : w.at+n], w.at})
	w.at += n
}

// word reads a name or the digits of a number.
func (w *words) word() error {
	rest := w.source.text[w.at:]
	n := strings.IndexFunc(rest, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if n < 0 {
		n = len(rest)
	}
	word := rest[:n]
	for _, r := range word {
		if r > unicode.MaxASCII {
			return w.source.errorf(w.at, "%q has the letter %q; names are made of a to z, digits and _", word, r)
		}
	}
	switch {
	case unicode.IsDigit(rune(word[0])) && !number.MatchString(word):
		return w.source.errorf(w.at, "%q is neither a number nor a name", word)
	case word == "if" && len(w.open) > 0:
		return w.source.errorf(w.at, "an if inside brackets is not understood: write CONDITION | ternary(VALUE, OTHER), or set a variable first")
	}
	w.add(n)
	return nil
}

// number is what a word that starts with a digit looks like.
var number = regexp.MustCompile(`^(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9_]+([eE][0-9_]*)?)$`)

// quoted passes a text in quotes. Its escapes are hidden from gonja, which
// would not always find the end of such a text; the machine reads them itself.
func (w *words) quoted(quote byte) error {
	rest := w.source.text[w.at:]
	for n := 1; n < len(rest); n++ {
		switch rest[n] {
		case '\\':
			if n++; n < len(rest) && rest[n] != '\n' {
				w.ready[w.at+n-1], w.ready[w.at+n] = '_', '_'
			}
		case quote:
			w.add(n + 1)
			return nil
		}
	}
	return w.source.errorf(w.at, "the text that starts here has no end: %c", quote)
}

func (w *words) sign(r rune) error {
	rest := w.source.text[w.at:]
	for _, sign := range signs {
		if !strings.HasPrefix(rest, sign) {
			continue
		}
		if err := w.nest(sign[0]); err != nil {
			return err
		}
		w.add(len(sign))
		return nil
	}
	return w.source.errorf(w.at, "%q has no meaning in a tag", r)
}

// nest keeps count of brackets.
func (w *words) nest(sign byte) error {
	switch sign {
	case '(':
		w.open = append(w.open, ')')
	case '[':
		w.open = append(w.open, ']')
	case '{':
		w.open = append(w.open, '}')
	case ')', ']', '}':
		n := len(w.open)
		if n == 0 || w.open[n-1] != sign {
			return w.source.errorf(w.at, "%c closes nothing", sign)
		}
		w.open = w.open[:n-1]
	}
	if len(w.open) > MaxNesting {
		return w.source.errorf(w.at, "brackets nest more than %d deep", MaxNesting)
	}
	return nil
}
