package token

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Bounds on a template.
const (
	MaxSource  = 1 << 20  // bytes of a template
	MaxTag     = 64 << 10 // bytes of one tag
	MaxNesting = 64       // brackets, tags, signs and conditions inside each other
)

// Options are those of Jinja's environment that change how a template is read.
// The zero value is Jinja's default.
type Options struct {
	TrimBlocks          bool // the line end after a {% … %} goes
	LstripBlocks        bool // white space before a {% … %} that is first in its line goes
	KeepTrailingNewline bool // the last line end stays
}

// source is a text with an index of its lines.
type source struct {
	text  string
	lines []int // offset of each line
	last  int   // the offset that was asked for last, and its place
	place Pos
}

// newSource makes every line end a \n. The last one goes unless it is to stay.
func newSource(text string, keepLast bool) (*source, error) {
	s := &source{text: text, lines: []int{0}}
	if len(text) > MaxSource {
		return nil, &Error{Message: fmt.Sprintf("is %d bytes, more than the %d of a template", len(text), MaxSource)}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if !keepLast {
		text = strings.TrimSuffix(text, "\n")
	}
	s.text = text
	for i := range len(text) {
		if text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	if !utf8.ValidString(text) {
		return nil, s.Errorf(firstInvalid(text), "is not UTF-8")
	}
	return s, nil
}

// pos is the place of the byte at offset. It counts from the place that was asked
// for before, so that a long line is not counted for each of its tokens.
func (s *source) pos(offset int) Pos {
	offset = min(max(offset, 0), len(s.text))
	line := sort.SearchInts(s.lines, offset+1)
	column := 1
	switch from := s.lines[line-1]; {
	case s.place.Line != line:
		column += utf8.RuneCountInString(s.text[from:offset])
	case offset >= s.last:
		column = s.place.Column + utf8.RuneCountInString(s.text[s.last:offset])
	default:
		column = s.place.Column - utf8.RuneCountInString(s.text[offset:s.last])
	}
	s.last, s.place = offset, Pos{line, column}
	return s.place
}

func (s *source) Errorf(offset int, format string, args ...any) *Error {
	return &Error{Pos: s.pos(offset), Message: fmt.Sprintf(format, args...)}
}

// firstInvalid is the offset of the first byte that is no UTF-8.
func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return i
		}
	}
	return 0
}
