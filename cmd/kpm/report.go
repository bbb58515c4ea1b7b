package main

import (
	"context"
	"errors"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// reportFlag is how a command that changes something tells what it has done.
type reportFlag struct {
	Output string `short:"o" enum:"text,json" default:"text" help:"json: one report on standard output when all is over, or with --dry-run=server the plan."`
}

// journal begins to follow a command; nil when nobody wants its report.
func (f reportFlag) journal(c *client.Client, command, kube string) *client.Journal {
	if f.Output != "json" {
		return nil
	}
	return c.Journal(command, kube)
}

// report prints the report of a command that ended with err, and gives that back.
func (f reportFlag) report(ctx context.Context, std *stdio, j *client.Journal, err error) error {
	if j == nil {
		return err
	}
	if printing := f.print(std, closed(ctx, std, j, err)); err == nil {
		err = printing
	}
	return err
}

func closed(ctx context.Context, std *stdio, j *client.Journal, err error) client.Report {
	switch {
	case err == nil:
		return j.Close(ctx, "", exit.Done)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		err = errInterrupted
	}
	return j.Close(ctx, err.Error()+exit.Refusal(std.name, err), exit.Code(err))
}

func (f reportFlag) print(std *stdio, v any) error {
	_, err := output{Output: f.Output}.structured(std, v)
	return err
}

// show prints the plans of a command that ended with err, and gives that back: the one
// there is, or a list of them. As text it shows none that is refused.
func (f reportFlag) show(std *stdio, plans []*plan.Plan, err error) error {
	switch {
	case len(plans) == 0 || err != nil && f.Output != "json":
		return err
	case f.Output == "json" && len(plans) == 1:
		return errors.Join(err, f.print(std, plans[0]))
	case f.Output == "json":
		return errors.Join(err, f.print(std, plans))
	}
	for _, plan := range plans {
		if len(plans) > 1 {
			std.line("%s:", plan.Installation)
		}
		printPlan(std, plan)
	}
	return nil
}
