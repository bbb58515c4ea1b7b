package main

import (
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// errInterrupted is what a command ends with after Ctrl-C.
var errInterrupted = errcode.New(errcode.Interrupted, "interrupted; nothing that was published has changed")

// usageError says that the command line was wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// ErrorCode is USAGE.
func (e usageError) ErrorCode() errcode.Code { return errcode.Usage }

func usage(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// misspelledError is a usage error of the grammar.
type misspelledError struct{ usageError }

func (e misspelledError) Unwrap() error { return e.usageError }

// ErrorCode is MISSPELLED.
func (e misspelledError) ErrorCode() errcode.Code { return errcode.Misspelled }

// ErrorFacts name the command that tells more.
func (e misspelledError) ErrorFacts() errcode.Facts {
	return errcode.Facts{"help": exit.Indexer + " help"}
}

// unsigned says that a draft has too few signatures, and how it gets them.
func unsigned(draft string, err error) error {
	return errcode.With(errcode.Unsigned, errcode.Facts{"draft": draft}, err)
}

// fail prints an error for people and gives the exit code for it.
func fail(std stdio, err error) int {
	code := exit.Code(err)
	var refused kube.Problems
	if errors.As(err, &refused) {
		for _, p := range refused {
			fmt.Fprintf(std.err, "%s\n", kube.Clean(p.String(), false))
		}
		err = errors.New(problems(refused))
	}
	exit.Print(std.err, exit.Indexer, exit.Indexer+": ", err)
	return code
}

func problems(ps kube.Problems) string {
	if n := len(ps); n != 1 {
		return fmt.Sprintf("%d problems; nothing was published", n)
	}
	return "1 problem; nothing was published"
}
