package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Exit codes; kpm uses the same ones.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUntrusted   = 3
	exitNotFound    = 4
	exitUnreachable = 8
	exitInterrupted = 130
)

// errInterrupted is what a command ends with after Ctrl-C.
var errInterrupted = errors.New("interrupted; nothing that was published has changed")

// usageError says that the command line was wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// misspelledError is a usage error of the grammar.
type misspelledError struct{ usageError }

func (e misspelledError) Unwrap() error { return e.usageError }

// fail prints an error for people and gives the exit code for it.
func fail(std stdio, err error) int {
	var refused kube.Problems
	switch {
	case errors.As(err, &refused):
		for _, p := range refused {
			fmt.Fprintf(std.err, "%s\n", kube.Clean(p.String(), false))
		}
		fmt.Fprintf(std.err, "kpm-indexer: %s\n", problems(refused))
	default:
		fmt.Fprintf(std.err, "kpm-indexer: %s\n", told(err))
	}
	if errors.As(err, new(misspelledError)) {
		fmt.Fprintln(std.err, "  next: kpm-indexer help")
	}
	return exitCode(err)
}

// told is the text of an error: the lines of others are marked, and the advice of a
// refusal, which is ours, follows them.
func told(err error) string {
	text, advice := err.Error(), ""
	var refusal *trust.Error
	if errors.As(err, &refusal) && strings.HasSuffix(text, refusal.Advice()) {
		advice = refusal.Advice()
		text = strings.TrimSuffix(text, advice)
	}
	return kube.CleanError(text) + kube.Clean(advice, true)
}

func problems(ps kube.Problems) string {
	if n := len(ps); n != 1 {
		return fmt.Sprintf("%d problems; nothing was published", n)
	}
	return "1 problem; nothing was published"
}

func exitCode(err error) int {
	var wrong usageError
	var untrusted *trust.Error
	switch {
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &wrong):
		return exitUsage
	case errors.As(err, &untrusted):
		return trustCode(untrusted)
	case errors.Is(err, indexer.ErrNoSite):
		return exitNotFound
	case errors.Is(err, fetch.ErrUnreachable):
		return exitUnreachable
	}
	return exitFailed
}

func trustCode(e *trust.Error) int {
	if e.Code == trust.Missing {
		return exitUnreachable
	}
	return exitUntrusted
}
