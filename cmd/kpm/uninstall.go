package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/words"
)

type uninstallCmd struct {
	Name string `arg:"" help:"Name of the Kube."`
	clusterFlags
	waitFlags
	reportFlag
	Purge bool `help:"Delete volume claims, definitions and namespaces of it as well, and with them what they hold; also those that an earlier uninstall left."`
}

// Run removes what an installation made, and nothing else.
func (u uninstallCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	j := u.journal(c, "uninstall", u.Name)
	return u.report(ctx, std, j, u.uninstall(ctx, c, std, s.Yes, j))
}

func (u uninstallCmd) uninstall(ctx context.Context, c *client.Client, std *stdio, yes bool, j *client.Journal) error {
	k, err := u.connect(ctx, std)
	if err != nil {
		return err
	}
	out, err := c.Uninstall(ctx, k, api.Installation{Namespace: k.Namespace, Name: u.Name}, client.Options{Purge: u.Purge, Holder: thisProcess(ctx, k), Patience: u.Timeout, Journal: j})
	if err != nil {
		return err
	}
	lacks, err := out.Deserted(ctx)
	if err != nil {
		return err
	}
	for _, lack := range lacks {
		std.warn(lack)
	}
	if question := out.Question(); question != nil {
		if err := std.ask(ctx, *question, yes); err != nil {
			return err
		}
	}
	std.step("Removing %s from namespace %s of cluster %s", words.Count(len(out.Plan.Deleted()), "object"), out.ID.Namespace, k.Host)
	switch err := out.Apply(ctx, u.wait(std)); {
	case ctx.Err() != nil && err != nil:
		return errHalfway
	case err != nil:
		return err
	}
	for _, e := range out.Plan.Entries {
		if e.Action == plan.Kept || e.Action == plan.GivenUp {
			std.step("%s stays: %s", e.Ref, e.Reason)
		}
	}
	if out.Plan.CreateNamespace {
		std.step("Namespace %s was gone, and is there again to note what was removed", out.ID.Namespace)
	}
	std.step("Done")
	return nil
}
