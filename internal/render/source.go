package render

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// source is the text of one template: as it was written, and as the engine gets
// it. Both have the same length and the same offsets.
type source struct {
	file  string
	text  string // with \n for every line end
	ready string // the same, but that white space inside tags is blanks
	tags  []tag
	names []string // what it gives a value to: set, for, macro, import, with
}

// tag is one {{ … }} or {% … %} of a source.
type tag struct {
	name  string  // first word of a {% … %}, "" for {{ … }}
	words []token // what is inside, without the name
	from  int     // offset of its first byte
	to    int     // offset after its last byte
}

// newSource reads a template and refuses what the engine should not see.
func newSource(file, text string) (*source, error) {
	if len(text) > MaxSource {
		return nil, problem(file, 0, "is %d bytes, more than the %d of a template", len(text), MaxSource)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	s := &source{file: file, text: text}
	for _, step := range []func() error{s.scan, s.balance, s.refuseRecursion} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// line is the line of the byte at offset, from 1.
func (s *source) line(offset int) int {
	return 1 + strings.Count(s.text[:min(max(offset, 0), len(s.text))], "\n")
}

func (s *source) errorf(offset int, format string, args ...any) error {
	return problem(s.file, s.line(offset), format, args...)
}

func problem(file string, line int, format string, args ...any) error {
	return kube.Problems{{Path: file, Line: line, Message: fmt.Sprintf(format, args...)}}
}
