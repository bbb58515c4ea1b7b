package render

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/parser"

	"github.com/kpm-sh/kpm/internal/kube"
)

// fault is what a template does wrong, before its place is known.
type fault struct{ message string }

func (f *fault) Error() string { return f.message }

func faultf(format string, args ...any) error {
	return &fault{fmt.Sprintf(format, args...)}
}

// leap is how break and continue leave the body of a loop.
type leap string

func (l leap) Error() string { return string(l) + " is not inside a loop" }

// locate adds file and line to err, once.
func (m *machine) locate(err error) error {
	var ps kube.Problems
	var jump leap
	switch {
	case errors.As(err, &ps):
		return ps
	case errors.As(err, &jump):
		return jump
	}
	if stop := m.stopped(); stop != nil && errors.Is(err, stop) {
		return stop
	}
	offset, message := -1, reword(err)
	var syntax *parser.SyntaxError
	if errors.As(err, &syntax) {
		message = reword(errors.New(syntax.Message))
		if syntax.Raw != "" {
			message += fmt.Sprintf(", near %q", clip(syntax.Raw))
		}
	}
	s := m.sources[m.at.file]
	switch {
	case s == nil:
		return problem(m.at.file, 0, "%s", message)
	case syntax != nil && syntax.Line > 0:
		offset = s.offset(syntax.Line, syntax.Column)
	case m.at.token != nil:
		offset = m.at.token.Pos
	}
	if offset < 0 {
		return problem(m.at.file, 0, "%s", message)
	}
	return s.errorf(offset, "%s", message)
}

// offset is the inverse of gonja's positions, which count lines of the
// prepared text, and bytes in them.
func (s *source) offset(line, column int) int {
	at := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(s.ready[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return at + max(column-1, 0)
}

// reword makes a message of gonja fit to follow a file and line.
func reword(err error) string {
	text := strings.TrimRight(err.Error(), ". ")
	if text == "" {
		return "not a template"
	}
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	return strings.ReplaceAll(clip(text), "controlStructure", "tag")
}

func clip(text string) string {
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + " …"
	}
	return kube.Clean(text, false)
}

// failed is the error in a value that gonja's functions give, or nil.
func failed(v *exec.Value) error {
	if v == nil {
		return faultf("there is no value")
	}
	if v.IsError() {
		return v.Interface().(error)
	}
	return nil
}
