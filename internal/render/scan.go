package render

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a text in quotes or a sign inside a tag.
type token struct {
	text   string
	offset int
}

func (t token) isWord() bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return r == '_' || unicode.IsLetter(r)
}

// endRaw is the tag that ends {% raw %}; what is between the two is text.
var endRaw = regexp.MustCompile(`\{%[-+]?\s*endraw\s*[-+]?%\}`)

// scan finds the tags of the source and makes the white space inside them
// blanks.
func (s *source) scan() error {
	ready := []byte(s.text)
	for at := 0; ; {
		next := strings.IndexByte(s.text[at:], '{')
		if next < 0 {
			break
		}
		at += next
		var err error
		switch rest := s.text[at:]; {
		case strings.HasPrefix(rest, "{#"):
			at, err = s.comment(at)
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "{%"):
			at, err = s.tag(ready, at)
		default:
			at++
		}
		if err != nil {
			return err
		}
	}
	s.ready = string(ready)
	return nil
}

func (s *source) comment(at int) (int, error) {
	n := strings.Index(s.text[at+2:], "#}")
	if n < 0 {
		return 0, s.errorf(at, "the comment that starts here has no end: #}")
	}
	return at + 2 + n + 2, nil
}

// tag reads the tag at offset from and returns the offset after it; after a
// {% raw %} that is where its {% endraw %} starts.
func (s *source) tag(ready []byte, from int) (int, error) {
	t := tag{from: from}
	closing := "}}"
	if s.text[from+1] == '%' {
		closing = "%}"
	}
	w := &words{source: s, ready: ready, from: from, at: from + 2, closing: closing}
	if err := w.read(); err != nil {
		return 0, err
	}
	t.to, t.words = w.at, w.words
	if closing == "%}" {
		if len(t.words) == 0 || !t.words[0].isWord() {
			return 0, s.errorf(from, "a {%% has no name after it")
		}
		t.name, t.words = t.words[0].text, t.words[1:]
	}
	s.tags = append(s.tags, t)
	if t.name != "raw" {
		return t.to, nil
	}
	end := endRaw.FindStringIndex(s.text[t.to:])
	if end == nil {
		return 0, s.errorf(from, "raw has no endraw")
	}
	return t.to + end[0], nil
}
