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
	WithHooks bool   `help:"Run the hook although nothing is going to be installed."`
	AllowHook string `placeholder:"sha256:DIGEST" help:"Run this very hook, with these files of its Kube, where nothing can confine it."`
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

// hook runs the hook, if there is one that has to run and the user agrees. idle
// says that nothing is going to be installed: then it runs only with --with-hooks.
func (f hookFlags) hook(ctx context.Context, std *stdio, in *client.Installing, idle, yes bool) error {
	question, run, err := in.Hook()
	if err != nil || !run {
		return err
	}
	if idle && !f.WithHooks {
		std.step("%s has a hook, which is not run here (--with-hooks runs it): what it gives is not in this", in.ID.Name)
		return nil
	}
	if err := in.HookRuns(); err != nil {
		return err
	}
	if question != nil {
		if err := std.ask(ctx, *question, yes); err != nil {
			return err
		}
		if err := in.Consent(ctx); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("running the hook of %s: %w", in.ID.Name, err)
	}
	h := client.HookRun{Self: self, Out: std.err, Allow: f.allowed()}
	if in, ok := std.in.(*os.File); ok && std.inTerminal && std.errTerminal {
		h.In = in
		h.Width, _, _ = term.GetSize(int(in.Fd())) //nolint:errcheck // 0 is a width that nobody knows
	}
	return in.RunHook(ctx, h)
}
