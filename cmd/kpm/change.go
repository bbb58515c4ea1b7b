package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/index"
)

// changeFlags are those of a command that applies a Kube.
type changeFlags struct {
	clusterFlags
	waitFlags
	values
	reportFlag
	Pre                bool     `help:"Take pre-releases too."`
	DryRun             string   `enum:"none,client,server" default:"none" placeholder:"WHERE" help:"Only show what would happen: client asks no cluster, server asks it for a plan."`
	Force              bool     `help:"Go on although a dependency is not satisfied."`
	ForceConflicts     bool     `help:"Take fields from others who manage them."`
	Adopt              []string `placeholder:"KIND/NAME" help:"Take over an object that nobody owns."`
	AllowClusterScoped bool     `help:"Let something installed bring new objects out of its namespace."`
	RollbackOnFailure  bool     `help:"If it fails, go back to what was there before."`
	AllowHook          string   `placeholder:"sha256:DIGEST" help:"Run this very hook where nothing can confine it."`
}

// check refuses flags that make no sense.
func (f changeFlags) check() error {
	if f.AllowHook != "" && !f.allowed().Valid() {
		return usage("--allow-hook %s: write sha256: and the digest of the script", f.AllowHook)
	}
	if f.DryRun == "client" && f.Output == "json" {
		return usage("without a cluster there is no plan: kpm template -o json prints the objects")
	}
	return nil
}

func (f changeFlags) allowed() index.Digest {
	return index.Digest(strings.TrimPrefix(f.AllowHook, "sha256:"))
}

// journal begins to follow the command, unless nothing is going to be done.
func (f changeFlags) journal(c *client.Client, command, kube string) *client.Journal {
	if f.DryRun != "none" {
		return nil
	}
	return f.reportFlag.journal(c, command, kube)
}

func (f changeFlags) how(ctx context.Context, k *cluster.Cluster, j *client.Journal) client.Install {
	return client.Install{
		Values: f.client(), Pre: f.Pre, ForceConflicts: f.ForceConflicts, Adopt: f.Adopt,
		AllowClusterScoped: f.AllowClusterScoped, DryRun: f.DryRun == "server", Holder: here(ctx, k), Journal: j,
	}
}

// change takes the steps from what was begun to what is done, and asks between
// them.
func (f changeFlags) change(ctx context.Context, std *stdio, k *cluster.Cluster, in *client.Installing, yes bool) error {
	if err := f.needs(ctx, std, in, yes); err != nil {
		return err
	}
	if err := in.Fetch(ctx); err != nil {
		return err
	}
	if err := f.hook(ctx, std, in, yes); err != nil {
		return err
	}
	plan, question, err := in.Plan(ctx)
	if f.DryRun == "server" && plan != nil && (err == nil || f.Output == "json") {
		return errors.Join(err, f.show(std, plan))
	}
	if err != nil {
		return err
	}
	if question != nil {
		if err := std.ask(ctx, *question, yes); err != nil {
			return err
		}
	}
	return f.apply(ctx, std, k, in, plan)
}

// needs warns of what is not satisfied, and asks whether to go on.
func (f changeFlags) needs(ctx context.Context, std *stdio, in *client.Installing, yes bool) error {
	lacks, err := in.Unmet(ctx)
	if err != nil || len(lacks) == 0 {
		return err
	}
	for _, lack := range lacks {
		std.warn(lack)
	}
	fmt.Fprintln(std.err, "!!-> This package may not function correctly.")
	if yes || f.Force || f.DryRun == "server" {
		return nil
	}
	return std.confirm(ctx, "Continue?", "Continue? ")
}

// hook runs the hook, if there is one that has to run.
func (f changeFlags) hook(ctx context.Context, std *stdio, in *client.Installing, yes bool) error {
	question, run, err := in.Hook()
	if err != nil || !run {
		return err
	}
	if f.DryRun == "server" {
		std.step("%s has a hook, which is not run here: what it gives is not in this", in.ID.Name)
		return nil
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
	h := client.HookRun{Self: self, TempDir: os.TempDir(), Out: std.err, Allow: f.allowed()}
	if in, ok := std.in.(*os.File); ok && std.inTerminal && std.errTerminal {
		h.In = in
		h.Width, _, _ = term.GetSize(int(in.Fd()))
	}
	return in.RunHook(ctx, h)
}

func (f changeFlags) apply(ctx context.Context, std *stdio, k *cluster.Cluster, in *client.Installing, plan *cluster.Plan) error {
	for _, e := range plan.Entries {
		if e.Action == cluster.Changed {
			std.step("%s will be changed", e.Ref)
		}
	}
	if r := in.Idle(); r != nil {
		std.step("Nothing changes: %s %s is revision %d already", in.ID.Name, versionOf(*r), r.Number)
	} else {
		std.step("Applying %s to namespace %s of cluster %s", count(int64(len(plan.Applied())), "object"), in.ID.Namespace, k.Host)
	}
	tell := client.Applying{Waiting: std.waiting()}
	err := in.Apply(ctx, f.wait(), tell)
	switch {
	case ctx.Err() != nil && err != nil:
		return errHalfway
	case err != nil:
		for _, b := range in.Explain(ctx, err) {
			std.blocked(b)
		}
		if f.RollbackOnFailure {
			return f.undo(ctx, std, in, tell, err)
		}
		return err
	}
	std.step("Done")
	return nil
}

// offline shows what would be applied, and asks no cluster.
func (f changeFlags) offline(ctx context.Context, c *client.Client, std *stdio, ref client.Ref) error {
	taken, err := c.Take(ctx, ref, f.Pre)
	if err != nil {
		return err
	}
	if _, ok := taken.Kube.Hook(); ok {
		std.step("%s has a hook, which is not run here: the values that it sets are not in this", taken.Kube.Name)
	}
	rendered, err := c.Render(ctx, taken, f.client())
	if err != nil {
		return err
	}
	objects, err := rendered.Objects()
	if err != nil {
		return err
	}
	if f.Namespace != "" {
		objects, _ = client.InNamespace(objects, f.Namespace)
	}
	for _, o := range objects {
		std.line("%s", o)
	}
	std.step("%s would be applied; no cluster was asked", count(int64(len(objects)), "object"))
	return nil
}

// printPlan prints what a plan does, object by object, with the fields that
// change.
func printPlan(std *stdio, plan *cluster.Plan) {
	if plan.Unverified != "" {
		std.line("%s", plan.Unverified)
	}
	for _, e := range plan.Entries {
		printEntry(std, e)
	}
}

func printEntry(std *stdio, e cluster.Entry) {
	text := fmt.Sprintf("%s %s", e.Action, e.Ref)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.Offline && e.Action != cluster.Replaced {
		text += " (checked offline only)"
	}
	std.line("%s", text)
	for _, change := range e.Changes {
		std.line("  %s", change)
	}
}
