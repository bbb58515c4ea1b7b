package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/words"
)

type auditCmd struct {
	Site string `arg:"" placeholder:"URL|DIR" name:"url|dir" help:"The site: its URL, or its folder."`
	trustFlag
}

// Run audits a folder or a URL. Any finding makes the exit code 1.
func (c auditCmd) Run(ctx context.Context, std stdio) error {
	o, err := c.options(c.Site, std)
	if err != nil {
		return err
	}
	a, err := indexer.Audit(ctx, o)
	if err != nil {
		return err
	}
	for _, n := range a.Notes {
		std.say("%s", n)
	}
	for _, f := range a.Findings {
		fmt.Fprintln(std.out, kube.Clean(f, false))
	}
	std.say("Audited %d of %s: %s, %s, %s, %s", a.Head.Seq, a.Head.Repository,
		words.Count(a.Head.Kubes, "Kube"), words.Count(a.Releases, "release"), words.Count(a.Files, "file"), words.Count(a.Heads, "head"))
	if n := len(a.Findings); n > 0 {
		return errors.New(words.Count(n, "finding"))
	}
	return nil
}
