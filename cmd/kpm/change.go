package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/words"
)

// changeFlags are those of a command that applies a Kube.
type changeFlags struct {
	clusterFlags
	waitFlags
	values
	reportFlag
	imageFlags
	Pre                bool     `help:"Take pre-releases too."`
	DryRun             string   `enum:"none,client,server" default:"none" placeholder:"WHERE" help:"Only show what would happen: client asks no cluster, server asks it for a plan."`
	Force              bool     `help:"Go on although a dependency is not satisfied."`
	WithDependencies   bool     `help:"Install what it needs and is missing as well, before it."`
	ForceConflicts     bool     `help:"Take fields from others who manage them."`
	Adopt              []string `placeholder:"KIND/NAME" help:"Take over an object that nobody owns."`
	UseCRD             []string `name:"use-crd" placeholder:"NAME" help:"Use a CustomResourceDefinition of somebody else as it is."`
	AllowClusterScoped bool     `help:"Let something installed bring new objects out of its namespace; let labels change that admission reads, of a Namespace that others have too."`
	AcceptRecorded     []string `placeholder:"NAMESPACE/NAME" help:"Go by what the cluster's record of it says, although nothing in the cluster confirms that."`
	HookFiles          string   `placeholder:"DIR" help:"Do not run the hook: take the files in this folder for what it wrote, hook-values.yaml for the values that it set."`
	RunHook            bool     `help:"Run the hook anew, and forget what it wrote before: also passwords."`
	RollbackOnFailure  bool     `help:"If it fails, go back to what was there before."`
	hookFlags
}

// check refuses flags that make no sense.
func (f changeFlags) check() error {
	if err := f.checkHook(); err != nil {
		return err
	}
	if f.WithHooks && f.DryRun == "none" {
		return usage("--with-hooks goes with --dry-run: without it the hook runs anyway")
	}
	if f.HookFiles != "" && (f.RunHook || f.WithHooks || f.WithDependencies || f.DryRun == "client") {
		return usage("--hook-files stands in the place of the hook of one Kube that is planned: it does not go with --run-hook, --with-hooks, --with-dependencies, --dry-run=client")
	}
	if f.DryRun == "client" && f.Output == "json" {
		return usage("without a cluster there is no plan: kpm template -o json prints the objects")
	}
	return nil
}

// journal begins to follow the command, unless nothing is going to be done.
func (f changeFlags) journal(c *client.Client, command, kube string) *client.Journal {
	if f.DryRun != "none" {
		return nil
	}
	return f.reportFlag.journal(c, command, kube)
}

func (f changeFlags) options(ctx context.Context, std *stdio, k *api.Client, j *client.Journal) client.Options {
	return client.Options{
		Values: f.client(std), Pre: f.Pre, ForceConflicts: f.ForceConflicts, Adopt: f.Adopt,
		UseCRD: f.UseCRD, AllowClusterScoped: f.AllowClusterScoped,
		AcceptRecorded: f.AcceptRecorded, RunHook: f.RunHook, HookFiles: f.HookFiles, MayUndo: f.RollbackOnFailure, DryRun: f.DryRun == "server", Holder: thisProcess(ctx, k), Patience: f.Timeout, Journal: j,
	}
}

// offline shows what would be applied, and asks no cluster.
func (f changeFlags) offline(ctx context.Context, c *client.Client, std *stdio, ref repos.Ref, yes bool) error {
	fetched, err := c.Preview(ctx, ref, f.client(std), f.Pre, orDefault(f.Namespace))
	if err != nil {
		return err
	}
	prepared, err := f.prepare(ctx, c, std, fetched, true, yes)
	if err != nil {
		return err
	}
	rendered, err := prepared.Rendered(ctx)
	if err != nil {
		return err
	}
	objects, err := rendered.Objects()
	if err != nil {
		return err
	}
	if f.Namespace != "" {
		objects, _ = manifest.InNamespace(objects, f.Namespace)
	}
	for _, o := range objects {
		std.line("%s", o)
	}
	std.step("%s would be applied; no cluster was asked", words.Count(len(objects), "object"))
	return nil
}

// orDefault is the namespace that a kubeconfig without one means.
func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}
