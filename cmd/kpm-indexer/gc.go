package main

import (
	"context"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/words"
)

type gcCmd struct {
	siteFlags
	DryRun bool `help:"Count, but remove nothing."`
}

// Run removes what no head leads to any more.
func (c gcCmd) Run(ctx context.Context, std stdio) error {
	o, err := c.options(std)
	if err != nil {
		return err
	}
	got, err := indexer.Collect(ctx, o, c.DryRun)
	if err != nil {
		return err
	}
	verb := "Removed"
	if c.DryRun {
		verb = "Would remove"
	}
	std.say("%s %s of %s; %d stay", verb, words.Count(got.Removed, "file"), words.Count(got.Bytes, "byte"), got.Kept)
	return nil
}
