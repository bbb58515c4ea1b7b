package main

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client"
)

type rollbackCmd struct {
	Name     string `arg:"" help:"Name of the Kube."`
	Revision int    `arg:"" optional:"" help:"Revision to go back to, as history shows it; the one before."`
	clusterFlags
	waitFlags
	DryRun             string `enum:"none,server" default:"none" placeholder:"WHERE" help:"Only show what would happen: server asks the cluster for a plan."`
	Force              bool   `help:"Go on although a dependency is not satisfied."`
	ForceConflicts     bool   `help:"Take fields from others who manage them."`
	AllowClusterScoped bool   `help:"Let it bring new objects out of its namespace."`
}

// Run goes back to an earlier revision, as a new one.
func (r rollbackCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	if r.Revision < 0 {
		return usage("a revision is a number from 1 on")
	}
	k, err := r.connect(ctx, std)
	if err != nil {
		return err
	}
	f := changeFlags{
		clusterFlags: r.clusterFlags, waitFlags: r.waitFlags, DryRun: r.DryRun,
		Force: r.Force, ForceConflicts: r.ForceConflicts, AllowClusterScoped: r.AllowClusterScoped,
	}
	in, err := c.Rollback(ctx, k, r.Name, r.Revision, f.how(ctx, k))
	if err != nil {
		return err
	}
	return f.change(ctx, std, k, in, s.Yes)
}

// undo takes back what failed. That it failed is still what is told.
func (f changeFlags) undo(ctx context.Context, std *stdio, in *client.Installing, tell client.Applying, failure error) error {
	std.step("It failed, and is taken back")
	if err := in.Undo(ctx, f.wait(), tell); err != nil {
		return &halfUndoneError{failure, err}
	}
	return failure
}

// halfUndoneError is a failure after which not even what was before came back.
type halfUndoneError struct{ failure, undoing error }

func (e *halfUndoneError) Error() string {
	return fmt.Sprintf("%v; and taking it back failed: %v", e.failure, e.undoing)
}

// Unwrap gives the failure alone: the exit code is its.
func (e *halfUndoneError) Unwrap() error { return e.failure }
