// Command kpm-indexer turns a packages repository into a signed, static site.
// It runs in CI; its exit codes are those of kpm.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/outstream"
)

func main() { os.Exit(start(time.Now)) }

// start runs the program with a clock, and gives its exit code.
func start(clock func() time.Time) int {
	if code, ok := hook.Main(os.Args); ok {
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	// A pipe whose reader is gone is a failed write, not the end of the process in
	// the middle of a publish. What this process runs gets the signal as ever.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	std := stdio{
		out: os.Stdout, err: os.Stderr, getenv: os.Getenv,
		clock: clock, terminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	if in := int(os.Stdin.Fd()); term.IsTerminal(in) {
		std.secret = func(ctx context.Context, prompt string) ([]byte, error) { return askSecret(ctx, in, os.Stderr, prompt) }
	}
	return run(ctx, os.Args[1:], std)
}

// askSecret reads a line from the terminal that is not shown. An interrupt leaves the
// terminal as it was.
func askSecret(ctx context.Context, terminal int, screen io.Writer, prompt string) ([]byte, error) {
	was, err := term.GetState(terminal)
	if err != nil {
		return nil, fmt.Errorf("asking for a passphrase: %w", err)
	}
	fmt.Fprint(screen, prompt)
	defer fmt.Fprintln(screen)
	type answer struct {
		text []byte
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(terminal)
		typed <- answer{text, err}
	}()
	select {
	case a := <-typed:
		if a.err != nil {
			return nil, fmt.Errorf("asking for a passphrase: %w", a.err)
		}
		return a.text, nil
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), term.Restore(terminal, was))
	}
}

// grammar is the command line; a field is a command.
type grammar struct {
	Init    initCmd    `cmd:"" help:"Start a packages repository: settings, an example Kube, a CI workflow."`
	Check   checkCmd   `cmd:"" help:"Judge every Kube of a packages folder."`
	Test    testCmd    `cmd:"" help:"Install Kubes in a cluster, run their tests, and say what came of it."`
	Inside  insideCmd  `cmd:"" name:"__test" hidden:""`
	Build   buildCmd   `cmd:"" help:"Publish a packages folder into a site."`
	Serve   serveCmd   `cmd:"" help:"Serve a site over HTTP."`
	Site    siteCmd    `cmd:"" help:"Draw the web site of a published site into another folder."`
	Audit   auditCmd   `cmd:"" help:"Check every file that a published head leads to, and the heads before it."`
	Restore restoreCmd `cmd:"" help:"Sign the newest verifiable old head again, after a loss."`
	Gc      gcCmd      `cmd:"" name:"gc" help:"Remove files that no head within its grace leads to."`
	Trust   trustCmd   `cmd:"" help:"Make, show and sign the trust documents of a repository."`
	Keygen  keygenCmd  `cmd:"" help:"Make one signing key."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// run executes one command line and gives its exit code. What cannot be written is a
// failure, whatever was done.
func run(ctx context.Context, args []string, std stdio) int {
	std.out, std.err = outstream.New("standard output", std.out), outstream.New("standard error", std.err)
	code := execute(ctx, args, std)
	unwritten := outstream.First(std.out, std.err)
	switch {
	case unwritten == nil || code != exit.Done:
		return code
	case errors.Is(unwritten, outstream.ErrClosed):
		return exit.Failed // as cat does: nobody is there to be told
	}
	return fail(std, unwritten)
}

func execute(ctx context.Context, args []string, std stdio) int {
	var g grammar
	exited := -1
	parser, err := newParser(&g, std, func(code int) { exited = code })
	if err != nil {
		return fail(std, err)
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(args[1:], "--help")
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 || outstream.First(std.out, std.err) != nil {
		return max(exited, exit.Done) // --help, or what was to be its text
	}
	if err != nil {
		return fail(std, misspelledError{usageError{err}})
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return fail(std, errInterrupted)
		}
		if errors.Is(err, syscall.EPIPE) && errors.Is(outstream.First(std.out, std.err), outstream.ErrClosed) {
			return exit.Done // run says what came of it
		}
		return fail(std, err)
	}
	return exit.Done
}

func newParser(g *grammar, std stdio, exited func(int)) (*kong.Kong, error) {
	return kong.New(g,
		kong.Name("kpm-indexer"),
		kong.Description("Turns a packages repository into a signed, static site. Example:\n\n  kpm-indexer build --packages packages --out site --key index.key"),
		kong.Writers(std.out, std.err),
		kong.Exit(exited),
		kong.Bind(std),
	)
}
