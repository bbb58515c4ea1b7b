package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/cmd/internal/words"
	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/kube"
)

// trustFlag is shared by the commands that look after a published site.
type trustFlag struct {
	Trust string `placeholder:"DIR" help:"Folder of trust documents, instead of those of the site."`
}

// siteFlags are shared by the commands that change a published site.
type siteFlags struct {
	Site string `arg:"" help:"The site: its folder."`
	trustFlag
}

func (f siteFlags) options(std stdio) (indexer.MaintainOptions, error) {
	return f.trustFlag.options(f.Site, std)
}

func (f trustFlag) options(site string, std stdio) (indexer.MaintainOptions, error) {
	now, err := std.now()
	return indexer.MaintainOptions{Site: site, Trust: f.Trust, Now: now, Fetch: std.fetch(), Report: std.report()}, err
}

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

type restoreCmd struct {
	siteFlags
	signFlags
	lifeFlag
	Seq *int64 `placeholder:"N" help:"The last number that any client may have seen; the head is signed as N+1. Without it the newest that the folder has counts, which may be lower where the folder is a backup."`
}

// Run signs an old head's state again.
func (c restoreCmd) Run(ctx context.Context, std stdio) error {
	o, err := c.options(std)
	if err != nil {
		return err
	}
	all, err := c.signers(ctx, std)
	if err != nil {
		return err
	}
	life, err := c.life(0)
	if err != nil {
		return err
	}
	seq, said := int64(0), c.Seq != nil
	if said {
		if seq = *c.Seq; seq < 1 {
			return usage("--seq is 1 or more")
		}
	}
	res, err := indexer.Restore(ctx, o, all, seq, life)
	if err != nil {
		return err
	}
	for _, w := range res.Warnings {
		std.warn("%s", w)
	}
	from := res.From
	std.say("Took publish %d of %s UTC: %s", from.Seq, from.Issued.Format(time.DateTime), words.Count(from.Kubes, "Kube"))
	last := res.Head.Seq - 1
	if from.Seq < last {
		std.warn("what was published after number %d, up to %d, is not in it: build again from the packages folder", from.Seq, last)
	}
	if !said {
		std.say("%d is the newest number here; where clients may have seen a higher one, restore again with --seq", last)
	}
	std.say("Published %d of %s: %s, valid until %s UTC", res.Head.Seq, res.Head.Repository, words.Count(res.Head.Kubes, "Kube"), res.Head.Expires.Format(time.DateTime))
	return nil
}
