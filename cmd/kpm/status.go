package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

type statusCmd struct {
	Name string `arg:"" help:"Name of the Kube."`
	clusterFlags
	output
}

// Run prints how an installation stands: each object, and why it is not ready. It ends
// with 1 when it is not all that it should be.
func (c statusCmd) Run(ctx context.Context, cl *client.Client, std *stdio) error {
	k, err := c.connect(ctx, std)
	if err != nil {
		return err
	}
	status, err := cl.Status(ctx, k, api.Installation{Namespace: k.Namespace, Name: c.Name})
	if err != nil {
		return err
	}
	if err := c.show(std, status); err != nil {
		return err
	}
	if !status.Ready {
		return errFindings
	}
	return nil
}

func (c statusCmd) show(std *stdio, status *client.Status) error {
	if done, err := c.structured(std, status); done || err != nil {
		return err
	}
	if status.Recalled != nil {
		defer std.recalled([]repos.Recall{*status.Recalled})
	}
	if c.Output == "name" {
		for _, o := range status.Objects {
			std.line("%s", o.Arg())
		}
		return nil
	}
	c.print(std, status)
	return nil
}

func (c statusCmd) print(std *stdio, status *client.Status) {
	r := status.Newest
	std.step("%s: %s %s, revision %d, %s", c.Name, actionOf(r), versionOf(r), r.Number, outcome(r))
	if in := status.Installed; in != nil && in.Number != r.Number {
		std.step("%s %s, revision %d, is what was installed before", c.Name, versionOf(*in), in.Number)
	}
	if status.Unconfirmed {
		std.warn(c.Name + " is not confirmed: nothing in the cluster is what its record says was made; whoever writes Secrets there may have written it")
	}
	if status.Damaged != "" {
		std.warn(status.Damaged)
	}
	var rows [][]string
	for _, o := range status.Objects {
		row := []string{o.String(), "ready", o.Note}
		if !o.Ready {
			row[1], row[2] = "waiting", o.Why
		}
		rows = append(rows, row)
	}
	c.table(std, []string{"OBJECT", "STATUS", "WHY"}, rows)
	for _, o := range status.Objects {
		if o.Blocked != nil {
			std.blocked(*o.Blocked)
		}
	}
}

// outcome says how a revision ended, or who is still at work on it.
func outcome(r history.Revision) string {
	if r.Status == history.Pending {
		return fmt.Sprintf("%s is at work since %s", r.Holder, ago(time.Now(), r.Started))
	}
	return fmt.Sprintf("%s %s", r.Status, ago(time.Now(), ended(r)))
}
