package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// stdio is what a command sees of its process: its streams, whether somebody
// looks at them, its environment, and how it was called.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	terminals
	getenv func(string) string
	name   string
	quiet  bool
	// answers is the exit code, beside 0, with which the command gives its answer, as
	// diff does; 0 when it has none.
	answers int
	found   bool   // it has printed findings
	drawn   string // what takes away the progress that stands on the terminal; "" when none does
}

// terminals says which of the streams are one.
type terminals struct {
	inTerminal, outTerminal, errTerminal bool
}

// step prints one line of progress.
func (s *stdio) step(format string, args ...any) {
	if !s.quiet {
		s.clear()
		fmt.Fprintf(s.err, "---> %s\n", kube.Clean(fmt.Sprintf(format, args...), false))
	}
}

// warn prints one line that should not be missed.
func (s *stdio) warn(text string) {
	s.clear()
	fmt.Fprintf(s.err, "!!-> WARNING: %s\n", kube.Clean(text, false))
}

// line prints one line of the answer.
func (s *stdio) line(format string, args ...any) {
	fmt.Fprintf(s.out, "%s\n", kube.Clean(fmt.Sprintf(format, args...), false))
}

// source prints one line of a text that somebody wrote in lines, with its tabs.
func (s *stdio) source(line string) {
	fmt.Fprintf(s.out, "%s\n", kube.Clean(strings.ReplaceAll(line, "\n", " "), true))
}

// field is one indented line of an answer that describes something.
type field struct{ name, value string }

// field prints f, unless it has no value.
func (s *stdio) field(f field) {
	if f.value != "" {
		fmt.Fprintf(s.out, "\t%s: %s\n", f.name, kube.Clean(f.value, false))
	}
}
