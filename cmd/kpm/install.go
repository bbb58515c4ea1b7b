package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
)

type installCmd struct {
	Kube string `arg:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	changeFlags
	CreateNamespace bool `help:"Make the namespace if it is missing."`
}

// Run installs a Kube, or heals one that is installed.
func (i installCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	i.tell(c)
	j := i.journal(c, "install", i.Kube)
	return i.report(ctx, std, j, i.install(ctx, c, std, s.Yes, j))
}

func (i installCmd) install(ctx context.Context, c *client.Client, std *stdio, yes bool, j *client.Journal) error {
	ref, err := repos.ParseRef(i.Kube)
	if err != nil {
		return err
	}
	if err := i.check(); err != nil {
		return err
	}
	if i.DryRun == "client" {
		return i.offline(ctx, c, std, ref, yes)
	}
	k, err := i.connect(ctx, std)
	if err != nil {
		return err
	}
	o := i.options(ctx, std, k, j)
	o.CreateNamespace = i.CreateNamespace
	source, err := c.Install(ctx, k, k.Namespace, ref, o)
	if err != nil {
		return err
	}
	if r := source.Recalled(ctx); r != nil {
		std.recalled([]repos.Recall{*r})
	}
	plans, err := i.change(ctx, c, std, k, source, yes)
	return i.show(std, plans, err)
}
