package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/index"
)

// hookFlags say whether the hook of a Kube may run.
type hookFlags struct {
	WithHooks  bool   `help:"Run the hook although nothing is going to be installed."`
	AllowHook  string `placeholder:"sha256:DIGEST" help:"Run this very hook, with these files of its Kube, where nothing can confine it."`
	StrictHook bool   `help:"End the hook at the first thing that it tries and may not, also if it would go on without it: a socket, a file where you or the host keep secrets, a place to write elsewhere that is none for temporary files. What else it may not is refused alone. On Linux."`
}

// checkHook refuses what is no digest.
func (f hookFlags) checkHook() error {
	if f.AllowHook != "" && !f.allowed().Valid() {
		return usage("--allow-hook %s: write sha256: and the digest of the hook, which the refusal without it names", f.AllowHook)
	}
	return nil
}

func (f hookFlags) allowed() index.Digest {
	return index.Digest(strings.TrimPrefix(f.AllowHook, "sha256:"))
}

// prepare prepares a Kube: it runs the hook, if there is one that has to run and the
// user agrees. preview says that nothing is going to be installed: then it runs only
// with --with-hooks.
func (f hookFlags) prepare(ctx context.Context, c *client.Client, std *stdio, k *client.Fetched, preview, yes bool) (*client.Prepared, error) {
	hook, err := k.Hook()
	switch {
	case err != nil:
		return nil, err
	case hook == nil:
		return k.Prepare()
	case preview && !f.WithHooks:
		std.step("%s has a hook, which is not run here (--with-hooks runs it): what it gives is not in this", k.ID.Name)
		return k.Prepare()
	}
	if err := hook.CanRun(ctx); err != nil {
		return nil, err
	}
	if hook.Question != nil {
		if err := std.ask(ctx, *hook.Question, yes); err != nil {
			return nil, err
		}
		if err := c.Repos.ConfigFile().Agree(ctx, hook.Consent); err != nil {
			return nil, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("running the hook of %s: %w", k.ID.Name, err)
	}
	run := client.HookRun{Self: self, Out: std.err, Allow: f.allowed(), Strict: f.StrictHook}
	if in, ok := std.in.(*os.File); ok && std.inTerminal && std.errTerminal {
		run.In = in
		run.Width, _, _ = term.GetSize(int(in.Fd())) //nolint:errcheck // 0 is a width that nobody knows
	}
	return hook.Run(ctx, run)
}
