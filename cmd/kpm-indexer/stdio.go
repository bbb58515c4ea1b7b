package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// stdio is what a command sees of the process: its streams, its environment, its clock,
// whether somebody watches standard error on a terminal, and how to ask for what
// the screen must not show; nil where nobody is there to answer.
type stdio struct {
	out, err io.Writer
	getenv   func(string) string
	clock    func() time.Time
	terminal bool
	secret   func(ctx context.Context, prompt string) ([]byte, error)
}

// now is the time that goes into heads and archives. SOURCE_DATE_EPOCH, in
// seconds, stands in for the clock where a build has to be repeated
// (https://reproducible-builds.org/specs/source-date-epoch/). It is none that is to come:
// what is issued then is refused by all clients until then.
func (s stdio) now() (time.Time, error) {
	text := s.getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return s.clock(), nil
	}
	sec, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, usage("SOURCE_DATE_EPOCH is %q, not a number of seconds", text)
	}
	at := time.Unix(sec, 0)
	if now := s.clock(); at.After(now.Add(trust.MaxAhead)) {
		return time.Time{}, usage("SOURCE_DATE_EPOCH is %s, which is %s, and the clock says %s: clients would refuse what is issued then", text, at.UTC().Format(time.DateTime), now.UTC().Format(time.DateTime))
	}
	return at, nil
}

// say prints one line of progress.
func (s stdio) say(format string, args ...any) {
	fmt.Fprintf(s.err, "---> %s\n", kube.Clean(fmt.Sprintf(format, args...), false))
}

// warn prints one warning.
func (s stdio) warn(format string, args ...any) {
	fmt.Fprintf(s.err, "!!-> WARNING: %s\n", kube.Clean(fmt.Sprintf(format, args...), false))
}

// fetch is how this process reaches published sites.
func (s stdio) fetch() fetch.Options {
	return fetch.Options{UserAgent: "kpm-indexer", Proxy: http.ProxyFromEnvironment}
}

// lineEvery is how many items long work does between two lines of progress
// where no terminal shows it move.
const lineEvery = 1000

// report shows how far long work is: a line that is rewritten on a terminal,
// now and then a new line elsewhere.
func (s stdio) report() indexer.Report {
	return func(stage string, done, total int) {
		switch {
		case s.terminal && done == total:
			fmt.Fprintf(s.err, "\r\x1b[K")
		case s.terminal:
			fmt.Fprintf(s.err, "\r---> %s: %d of %d\x1b[K", stage, done, total)
		case done%lineEvery == 0 && done < total:
			fmt.Fprintf(s.err, "---> %s: %d of %d\n", stage, done, total)
		}
	}
}
