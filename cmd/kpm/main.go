// Command kpm finds, gets and installs Kubes.
//
// Standard output carries the answer, standard error everything else: progress
// ("---> "), warnings ("!!-> WARNING: "), questions and errors. The package owns
// flags, settings, the terminal and the exit codes; what it does is in client.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/ballast"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/outstream"
)

// gcPercent lets a command, which lives for a moment, collect its garbage seldom.
const gcPercent = 400

func main() {
	ballast.Drop()
	debug.SetGCPercent(gcPercent)
	os.Exit(process())
}

// process runs kpm on the streams and the environment of this process.
func process() int {
	if code, ok := hook.Main(os.Args); ok {
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	defer stop()
	// A pipe whose reader is gone is a failed write, not the end of the process in
	// the middle of a change. What this process runs gets the signal as ever.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return run(ctx, os.Args[1:], &stdio{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		terminals: terminals{
			inTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
			outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
			errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		},
		getenv: os.Getenv,
		name:   calledAs(os.Args[0]),
	})
}

// calledAs is what a user types to run this program: it is a plugin of kubectl
// when it is called kubectl-kpm.
func calledAs(arg0 string) string {
	base := strings.TrimSuffix(filepath.Base(arg0), ".exe")
	if base == "kubectl-kpm" {
		return "kubectl kpm"
	}
	return "kpm"
}

// run executes one command line and gives its exit code. What cannot be written is a
// failure, whatever was done.
func run(ctx context.Context, args []string, std *stdio) int {
	std.out, std.err = outstream.New("standard output", std.out), outstream.New("standard error", std.err)
	code := execute(ctx, args, std)
	unwritten := outstream.First(std.out, std.err)
	switch {
	case unwritten == nil || code != exit.Done && code != std.answers && !std.found:
		return code
	case !errors.Is(unwritten, outstream.ErrClosed):
		code = fail(std, unwritten)
	default:
		code = exit.Failed // as cat does: nobody is there to be told
	}
	if std.answers != exit.Done {
		return exit.Undecided
	}
	return code
}

func execute(ctx context.Context, args []string, std *stdio) int {
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
		return fail(std, misspelled(std.name, err))
	}
	std.quiet = g.Quiet
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(parser)
	defer g.close()
	err = parsed.Run()
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return fail(std, errInterrupted)
	case errors.Is(err, syscall.EPIPE) && errors.Is(outstream.First(std.out, std.err), outstream.ErrClosed):
		return exit.Done // run says what came of it
	case err != nil:
		return fail(std, err)
	}
	return exit.Done
}

// misspelled is a command line that the grammar does not know, with where help
// for it is.
func misspelled(kpm string, err error) error {
	var words []string
	var at *kong.ParseError
	if errors.As(err, &at) && at.Context != nil {
		for command := at.Context.Selected(); command != nil && command.Type == kong.CommandNode; command = command.Parent {
			words = append([]string{command.Name}, words...)
		}
	}
	help := strings.Join(append([]string{kpm, "help"}, words...), " ")
	return errcode.With(errcode.Misspelled, errcode.Facts{"help": help}, errcode.With(errcode.Usage, nil, err))
}

func newParser(g *grammar, std *stdio, exit func(int)) (*kong.Kong, error) {
	return kong.New(g,
		kong.Name(std.name),
		kong.Description("Homebrew for Kubernetes: find, get and install Kubes. Example:\n\n  kpm update && kpm search etcd && kpm info etcd-standalone"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(std.out, std.err),
		kong.Exit(exit),
		kong.Resolvers(fromEnvironment(std.getenv)),
		kong.NamedMapper("given", kong.MapperFunc(given)), kong.NamedMapper("span", kong.MapperFunc(span)),
		kong.Bind(std, &g.settings),
		kong.BindToProvider(g.client),
	)
}
