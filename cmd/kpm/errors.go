package main

import (
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/words"
)

// errInterrupted is what a command ends with after Ctrl-C.
var errInterrupted = errcode.New(errcode.Interrupted, "interrupted; what was not finished was not changed")

// errHalfway is what a command ends with after Ctrl-C that was at work on a
// cluster.
var errHalfway = errcode.New(errcode.Interrupted, "interrupted half-way; the same command again goes on from there")

// errFindings is what a command ends with that has printed its findings.
var errFindings = errors.New("there are findings")

func usage(format string, args ...any) error {
	return errcode.With(errcode.Usage, nil, fmt.Errorf(format, args...))
}

// fail prints an error for people and gives the exit code for it.
func fail(std *stdio, err error) int {
	std.clear()
	if std.found = errors.Is(err, errFindings); std.found {
		return exit.Failed
	}
	code := exit.Code(err)
	if refused, ok := errors.AsType[kube.Problems](err); ok {
		for _, p := range refused {
			fmt.Fprintln(std.err, kube.Clean(p.String(), false))
		}
		err = fmt.Errorf("%s", words.Count(len(refused), "problem"))
	}
	exit.Print(std.err, std.name, std.name+": error: ", err)
	return code
}
