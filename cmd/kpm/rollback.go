package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster/api"
)

type rollbackCmd struct {
	Name     string `arg:"" help:"Name of the Kube."`
	Revision int    `arg:"" optional:"" help:"Revision to go back to, as history shows it; the one before, or after a rollback the one that it went to."`
	clusterFlags
	waitFlags
	reportFlag
	imageFlags
	DryRun             string   `enum:"none,server" default:"none" placeholder:"WHERE" help:"Only show what would happen: server asks the cluster for a plan."`
	Force              bool     `help:"Go on although a dependency is not satisfied."`
	ForceConflicts     bool     `help:"Take fields from others who manage them."`
	UseCRD             []string `name:"use-crd" placeholder:"NAME" help:"Use a CustomResourceDefinition of somebody else as it is."`
	AllowClusterScoped bool     `help:"Let it bring new objects out of its namespace; let labels change that admission reads, of a Namespace that others have too."`
	AcceptRecorded     []string `placeholder:"NAMESPACE/NAME" help:"Go by what the cluster's record of it says, although nothing in the cluster confirms that."`
}

// Run goes back to an earlier revision, as a new one.
func (r rollbackCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	r.tell(c)
	if r.Revision < 0 {
		return usage("a revision is a number from 1 on")
	}
	f := changeFlags{
		clusterFlags: r.clusterFlags, waitFlags: r.waitFlags, reportFlag: r.reportFlag, DryRun: r.DryRun,
		Force: r.Force, ForceConflicts: r.ForceConflicts, UseCRD: r.UseCRD, AllowClusterScoped: r.AllowClusterScoped, AcceptRecorded: r.AcceptRecorded,
	}
	j := f.journal(c, "rollback", r.Name)
	return f.report(ctx, std, j, r.rollback(ctx, c, std, f, s.Yes, j))
}

func (r rollbackCmd) rollback(ctx context.Context, c *client.Client, std *stdio, f changeFlags, yes bool, j *client.Journal) error {
	k, err := r.connect(ctx, std)
	if err != nil {
		return err
	}
	source, err := c.Rollback(ctx, k, api.Installation{Namespace: k.Namespace, Name: r.Name}, r.Revision, f.options(ctx, std, k, j))
	if err != nil {
		return err
	}
	plans, err := f.change(ctx, c, std, k, source, yes)
	return f.show(std, plans, err)
}
