package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/internal/cluster"
)

type rollbackCmd struct {
	Name     string `arg:"" help:"Name of the Kube."`
	Revision int    `arg:"" optional:"" help:"Revision to go back to, as history shows it; the one before, or after a rollback the one that it went to."`
	clusterFlags
	waitFlags
	reportFlag
	DryRun             string   `enum:"none,server" default:"none" placeholder:"WHERE" help:"Only show what would happen: server asks the cluster for a plan."`
	Force              bool     `help:"Go on although a dependency is not satisfied."`
	ForceConflicts     bool     `help:"Take fields from others who manage them."`
	UseCRD             []string `name:"use-crd" placeholder:"NAME" help:"Use a CustomResourceDefinition of somebody else as it is."`
	AllowClusterScoped bool     `help:"Let it bring new objects out of its namespace; let labels change that admission reads, of a Namespace that others have too."`
	AcceptRecorded     []string `placeholder:"NAMESPACE/NAME" help:"Go by what the cluster's record of it says, although nothing in the cluster confirms that."`
}

// Run goes back to an earlier revision, as a new one.
func (r rollbackCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
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
	in, err := c.Rollback(ctx, k, cluster.Installation{Namespace: k.Namespace, Name: r.Name}, r.Revision, f.how(ctx, std, k, j))
	if err != nil {
		return err
	}
	return f.change(ctx, std, k, in, yes)
}

// undoTimeout is how long what was before may take to come back at least, however
// little time what failed was given.
const undoTimeout = time.Minute

// onlyStays reports whether all that was applied is ready, and only something that was
// to be deleted stays: nothing would be better for going back.
func onlyStays(err error) bool {
	var late *cluster.WaitError
	return errors.As(err, &late) && late.OnlyStays()
}

// undo takes back what failed. That it failed is still what is told.
func (f changeFlags) undo(ctx context.Context, std *stdio, in *client.Installing, tell client.Applying, failure error) error {
	std.step("It failed, and is taken back")
	return f.takeBack(ctx, in, tell, failure)
}

func (f changeFlags) takeBack(ctx context.Context, in *client.Installing, tell client.Applying, failure error) error {
	wait := f.wait()
	wait.Timeout = max(wait.Timeout, undoTimeout)
	if err := in.Undo(ctx, wait, tell); err != nil {
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
