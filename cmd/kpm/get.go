package main

import (
	"context"
	"os"

	"github.com/kpm-sh/kpm/client"
)

type getCmd struct {
	Kubes []string `arg:"" name:"kube" help:"NAME, NAME@VERSION or REPO/NAME."`
	Pre   bool     `help:"Take pre-releases too."`
}

// Run makes a working copy of each Kube.
func (g getCmd) Run(ctx context.Context, c *client.Client, std *stdio, s *settings) error {
	for _, text := range g.Kubes {
		ref, err := client.ParseRef(text)
		if err != nil {
			return err
		}
		if ref.Path != "" {
			return usage("%q: get is for published Kubes; copy a folder or unpack an archive yourself", text)
		}
		if err := g.one(ctx, c, std, s, ref); err != nil {
			return err
		}
	}
	return nil
}

func (g getCmd) one(ctx context.Context, c *client.Client, std *stdio, s *settings, ref client.Ref) error {
	std.step("Downloading %s", ref.Name)
	rel, err := c.Resolve(ctx, ref, g.Pre)
	if err != nil {
		return err
	}
	co, err := c.Checkout(ctx, rel)
	if err != nil {
		return err
	}
	if co.Question != nil {
		if err := std.ask(ctx, *co.Question, s.Yes); err != nil {
			return err
		}
	}
	if err := c.Commit(ctx, co); err != nil {
		return err
	}
	std.step("Cached files into %s%c", co.Dir, os.PathSeparator)
	return nil
}
