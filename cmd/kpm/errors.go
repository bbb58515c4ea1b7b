package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/home"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/search"
)

// Exit codes. Scripts rely on them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUntrusted   = 3
	exitNotFound    = 4
	exitDeclined    = 5
	exitConflict    = 6
	exitTimeout     = 7
	exitUnreachable = 8
	exitUndecided   = 9 // of diff: what is 1 elsewhere
	exitInterrupted = 130
)

// errInterrupted is what a command ends with after Ctrl-C.
var errInterrupted = errors.New("interrupted; what was not finished was not changed")

// errHalfway is what a command ends with after Ctrl-C that was at work on a
// cluster.
var errHalfway = errors.New("interrupted half-way; the same command again goes on from there")

// errFindings is what a command ends with that has printed its findings.
var errFindings = errors.New("there are findings")

func usage(format string, args ...any) error {
	return &client.UsageError{Err: fmt.Errorf(format, args...)}
}

// fail prints an error for people and gives the exit code for it.
func fail(std *stdio, err error) int {
	std.clear()
	if errors.Is(err, errFindings) {
		return exitFailed
	}
	code := exitCode(err)
	var refused kube.Problems
	if errors.As(err, &refused) {
		for _, p := range refused {
			fmt.Fprintln(std.err, kube.Clean(p.String(), false))
		}
		err = fmt.Errorf("%s", count(int64(len(refused)), "problem"))
	}
	fmt.Fprintf(std.err, "%s: error: %s\n", std.name, told(err))
	if next := advice(std.name, err); next != "" {
		fmt.Fprintf(std.err, "  next: %s\n", kube.Clean(next, false))
	}
	return code
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

func exitCode(err error) int {
	var wrong *client.UsageError
	var ambiguous *client.AmbiguousError
	var missing *client.NotFoundError
	var gone *client.GoneError
	var unanswered *unansweredError
	var undecided *undecidedError
	var unmerged *workcopy.UnmergedError
	var clashing *workcopy.MergeError
	var unmet *client.UnmetError
	code := trust.CodeOf(err)
	switch {
	case errors.As(err, &undecided):
		return exitUndecided
	case errors.Is(err, errInterrupted) || errors.Is(err, errHalfway) || errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &wrong) || errors.As(err, &ambiguous):
		return exitUsage
	case code == trust.Missing:
		return exitUnreachable
	case code != "":
		return exitUntrusted
	case errors.As(err, &missing) || errors.As(err, &gone):
		return exitNotFound
	case errors.As(err, &unanswered) || errors.Is(err, errDeclined) || errors.Is(err, errPartly) || errors.Is(err, errUnmet) || errors.As(err, &unmet):
		return exitDeclined
	case errors.Is(err, fetch.ErrUnreachable) || errors.Is(err, client.ErrOffline):
		return exitUnreachable
	case errors.As(err, &unmerged) || errors.As(err, &clashing):
		return exitConflict
	case clusterCode(err) != 0:
		return clusterCode(err)
	}
	return exitFailed
}

// advice is what to type next. A trust.Error brings its own.
func advice(kpm string, err error) string {
	var missing *client.NotFoundError
	var ambiguous *client.AmbiguousError
	var stale *client.NotUpdatedError
	var unanswered *unansweredError
	var unmerged *workcopy.UnmergedError
	var clashing *workcopy.MergeError
	var unmet *client.UnmetError
	var misspelled *misspelledError
	switch {
	case trust.CodeOf(err) != "":
		return ""
	case errors.As(err, &misspelled):
		return misspelled.help
	case errors.As(err, &unmet):
		return fmt.Sprintf("see who needs what: %s deps %s", kpm, unmet.Name)
	case errors.Is(err, errPartly):
		return "say the same again: it goes on where this ended"
	case errors.As(err, &unmerged):
		return "take over what you want of each, and then: " + removal(unmerged)
	case errors.As(err, &clashing):
		return fmt.Sprintf("%s upgrade %s@%s, which puts the release's files beside yours, to be merged", kpm, clashing.Name, clashing.Version)
	case errors.Is(err, client.ErrNoRepository):
		return fmt.Sprintf("%s repo add NAME URL --trust 1@sha256:…, with what the repository's web page says", kpm)
	case errors.As(err, &missing):
		return near(kpm, missing)
	case errors.As(err, &ambiguous):
		return fmt.Sprintf("say which one: %s/%s", strings.Join(ambiguous.Repositories, "/"+ambiguous.Name+" or "), ambiguous.Name)
	case errors.As(err, &stale):
		return kpm + " update"
	case errors.Is(err, search.ErrCorrupt):
		return fmt.Sprintf("%s update, which builds the catalog anew", kpm)
	case errors.As(err, &unanswered):
		return "run it on a terminal, or with -y if the question is not about trust"
	case errors.Is(err, hook.ErrUnconfined):
		return "read the script and what it loads, and if you trust them, say --allow-hook with the digest above"
	case errors.Is(err, errNoEditor):
		return fmt.Sprintf("%s get NAME, change the files of the copy, then %s lint its folder", kpm, kpm)
	case errors.Is(err, client.ErrOffline):
		return "without --offline (KPM_OFFLINE) it would be fetched"
	case errors.Is(err, fetch.ErrUnreachable):
		return fmt.Sprintf("check the network and the URL (%s repo list); what was fetched before still works offline", kpm)
	case errors.Is(err, home.ErrExposed):
		return "mend the owner or the mode, or set KPM_HOME to a folder of your own"
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		return "mend the permissions, or set KPM_HOME to a folder that you may write to"
	case errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS):
		return "set KPM_HOME, and TMPDIR, to folders on a file system that has locks"
	}
	return clusterAdvice(kpm, err)
}

func near(kpm string, e *client.NotFoundError) string {
	switch {
	case len(e.Near) > 0:
		return "did you mean " + strings.Join(e.Near, ", ") + "?"
	case len(e.Have) > 0:
		const most = 10
		return "there are " + strings.Join(e.Have[:min(most, len(e.Have))], ", ")
	}
	return kpm + " update, then " + kpm + " search"
}

// removal is the command that says that all is merged.
func removal(e *workcopy.UnmergedError) string {
	command := "rm"
	for _, f := range e.Files {
		path := filepath.Join(e.Dir, f)
		if strings.ContainsAny(path, " '\"`$&;|()<>*?[]#~!\\") {
			path = "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
		}
		command += " " + path
	}
	return command
}
