package render

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/jinja/token"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/python"
)

// faultf is what a template does wrong, before its place is known.
func faultf(format string, args ...any) error { return python.Errorf(format, args...) }

func problem(file string, line int, format string, args ...any) error {
	return kube.Problems{{Path: file, Line: line, Message: fmt.Sprintf(format, args...)}}
}

// locate adds file and line to err, once. Why rendering was stopped stays as it
// is.
func locate(file string, pos token.Pos, err error) error {
	var ps kube.Problems
	if err == nil || errors.As(err, &ps) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return problem(file, pos.Line, "%s", clip(err.Error()))
}

// syntax is an error of the parser as a problem of a file.
func syntax(file string, err error) error {
	var e *token.Error
	if !errors.As(err, &e) {
		return problem(file, 0, "%s", clip(err.Error()))
	}
	hint := ""
	if e.Word != "" {
		hint = suggest(e.Word, e.Known)
	}
	return problem(file, e.Pos.Line, "%s", clip(e.Message)+hint)
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > 240 {
		text = string(runes[:240]) + " …"
	}
	return kube.Clean(text, false)
}

// missing is the fault of a value that is required: with its place, if it has
// one.
func missing(u *python.Undefined) error {
	err := u.Fault()
	var ps kube.Problems
	if errors.As(err, &ps) && len(ps) == 1 {
		p := ps[0]
		p.Message = "a value is required: " + p.Message
		return kube.Problems{p}
	}
	return faultf("a value is required: %s", err)
}
