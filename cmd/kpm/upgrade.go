package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

type upgradeCmd struct {
	Kube          string `arg:"" optional:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	All           bool   `help:"Upgrade all that is outdated."`
	AllNamespaces bool   `short:"A" help:"With --all: in all namespaces."`
	ResetValues   bool   `help:"Drop the values that were set before."`
	Install       bool   `help:"Install it if it is not installed: one command, whatever was before."`
	changeFlags
	CreateNamespace bool `help:"With --install: make the namespace if it is missing."`
}

// Run turns what is installed into another version, or into the same one with
// other values.
func (u upgradeCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	u.tell(c)
	if err := u.sensible(); err != nil {
		return err
	}
	j := u.journal(c, "upgrade", u.Kube)
	if !u.All {
		return u.report(ctx, std, j, u.named(ctx, c, std, s.Yes, j))
	}
	reports, plans, err := u.all(ctx, c, std, s.Yes)
	if u.Output != "json" {
		return err
	}
	var document any = reports
	if u.DryRun == "server" {
		document = plans
	}
	if printing := u.print(std, document); err == nil {
		err = printing
	}
	return err
}

// named upgrades what the command line names.
func (u upgradeCmd) named(ctx context.Context, c *client.Client, std *stdio, yes bool, j *client.Journal) error {
	ref, err := repos.ParseRef(u.Kube)
	if err != nil {
		return err
	}
	if u.DryRun == "client" {
		std.step("the values that were set before are not in this: only the cluster knows them")
		return u.offline(ctx, c, std, ref, yes)
	}
	k, err := u.connect(ctx, std)
	if err != nil {
		return err
	}
	plans, err := u.one(ctx, c, std, k, k.Namespace, ref, yes, j)
	return u.show(std, plans, err)
}

// sensible refuses flags that make no sense together.
func (u upgradeCmd) sensible() error {
	valued := u.given() || u.ResetValues || u.HookFiles != ""
	switch {
	case u.All == (u.Kube != ""):
		return usage("say what to upgrade: NAME or --all")
	case u.AllNamespaces && !u.All:
		return usage("-A goes with --all")
	case u.All && u.Install:
		return usage("--install goes with a NAME: --all is what is installed")
	case u.CreateNamespace && !u.Install:
		return usage("--create-namespace goes with --install")
	case u.All && valued:
		return usage("values belong to one Kube, not to --all")
	case u.All && u.DryRun == "client":
		return usage("only the cluster knows what --all is; say --dry-run=server")
	}
	return u.check()
}

func (u upgradeCmd) one(ctx context.Context, c *client.Client, std *stdio, k *api.Client, namespace string, ref repos.Ref, yes bool, j *client.Journal) ([]*plan.Plan, error) {
	o := u.options(ctx, std, k, j)
	o.InstallMissing, o.ResetValues, o.CreateNamespace = u.Install, u.ResetValues, u.CreateNamespace
	source, err := c.Upgrade(ctx, k, namespace, ref, o)
	if err != nil {
		return nil, err
	}
	if r := source.Recalled(ctx); r != nil {
		std.recalled([]repos.Recall{*r})
	}
	return u.change(ctx, c, std, k, source, yes)
}

// all upgrades one after the other. Where one fails, the others are still tried;
// the first error is that of the command. The reports, or the plans of a dry run, are
// those of each that was tried, if they are wanted.
func (u upgradeCmd) all(ctx context.Context, c *client.Client, std *stdio, yes bool) ([]client.Report, []*plan.Plan, error) {
	reports, plans := []client.Report{}, []*plan.Plan{}
	k, err := u.connect(ctx, std)
	if err != nil {
		return reports, plans, err
	}
	namespace := k.Namespace
	if u.AllNamespaces {
		namespace = ""
	}
	there, err := history.NewStore(k).List(ctx, namespace)
	if err != nil {
		return reports, plans, err
	}
	list, err := c.Outdated(there)
	if err != nil {
		return reports, plans, err
	}
	std.recalled(notIn(list, c.Recalls(ctx, there)))
	if len(list) == 0 {
		std.step("nothing is outdated in %s", where(namespace))
	}
	var first error
	for _, o := range list {
		id := api.Installation{Namespace: o.Namespace, Name: o.Name}
		if o.Edited {
			std.step("%s is passed over: it is installed from a copy that was edited; %s upgrade %s -n %s brings the copy along", id, std.name, o.Name, o.Namespace)
			continue
		}
		std.step("Upgrading %s from %s to %s", id, o.Installed, o.Available)
		ref := repos.Ref{Repository: o.Repository, Name: o.Name}
		j := u.journal(c, "upgrade", ref.String())
		some, err := u.one(ctx, c, std, k, o.Namespace, ref, yes, j)
		if plans = append(plans, some...); u.Output != "json" {
			err = u.show(std, some, err)
		}
		if j != nil {
			reports = append(reports, closed(ctx, std, j, err))
		}
		switch {
		case ctx.Err() != nil:
			return reports, plans, err
		case err != nil && first == nil:
			first = fmt.Errorf("upgrading %s: %w", id, err)
		case err != nil:
			std.warn(fmt.Sprintf("upgrading %s: %v", id, err))
		}
	}
	return reports, plans, first
}

// notIn are the recalls that no upgrade mends by itself: nothing newer is out.
func notIn(list []repos.Outdated, recalls []repos.Recall) []repos.Recall {
	return slices.DeleteFunc(slices.Clone(recalls), func(r repos.Recall) bool {
		return slices.ContainsFunc(list, func(o repos.Outdated) bool { return o.Namespace == r.Namespace && o.Name == r.Name })
	})
}
