package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/words"
)

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
	if errors.Is(err, indexer.ErrNoSite) {
		return fmt.Errorf("%w; where no copy has one either, a repository starts anew in an empty folder: kpm-indexer build --first", err)
	}
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
