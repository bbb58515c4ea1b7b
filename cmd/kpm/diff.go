package main

import (
	"context"

	"github.com/kpm-sh/kpm/client"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/cmd/internal/exit"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/errcode"
)

type diffCmd struct {
	Kube string `arg:"" help:"NAME, NAME@VERSION, REPO/NAME, ./DIR or FILE.tgz."`
	clusterFlags
	values
	imageFlags
	hookFlags
	Pre bool `help:"Take pre-releases too."`
	output
}

// Run prints how what is live differs from what would be applied, without values
// of Secrets. It ends with 1 when something does, and with 9 when that cannot be
// found out.
func (d diffCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	d.tell(c)
	std.answers = exit.Failed
	plan, err := d.compare(ctx, c, std, s.Yes)
	if err == nil {
		err = d.print(std, plan)
	}
	switch {
	case err != nil && exit.Code(err) == exit.Failed:
		return &undecidedError{err}
	case err != nil:
		return err
	case !plan.Empty():
		return errFindings
	}
	return nil
}

func (d diffCmd) compare(ctx context.Context, c *client.Client, std *stdio, yes bool) (*plan.Plan, error) {
	if err := d.checkHook(); err != nil {
		return nil, err
	}
	ref, err := repos.ParseRef(d.Kube)
	if err != nil {
		return nil, err
	}
	k, err := d.connect(ctx, std)
	if err != nil {
		return nil, err
	}
	source, err := c.Diff(ctx, k, k.Namespace, ref, client.Options{Values: d.client(std), Pre: d.Pre})
	if err != nil {
		return nil, err
	}
	fetched, err := source.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	prepared, err := d.prepare(ctx, c, std, fetched, true, yes)
	if err != nil {
		return nil, err
	}
	return source.Compare(ctx, prepared)
}

// print prints the objects that differ.
func (d diffCmd) print(std *stdio, p *plan.Plan) error {
	if done, err := d.structured(std, p); done || err != nil {
		return err
	}
	for _, e := range p.Entries {
		switch {
		case e.Action == plan.Unchanged || e.Action == plan.Kept:
		case d.Output == "name":
			std.line("%s", e.Arg())
		default:
			printEntry(std, e)
		}
	}
	return nil
}

// undecidedError is an error of a diff, whose exit code 1 says something else.
type undecidedError struct{ err error }

func (e *undecidedError) Error() string { return e.err.Error() }

// ErrorCode is UNDECIDED.
func (e *undecidedError) ErrorCode() errcode.Code { return errcode.Undecided }

func (e *undecidedError) Unwrap() error { return e.err }
