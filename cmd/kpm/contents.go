package main

import (
	"context"

	"github.com/kpm-sh/kpm/internal/cluster/history"
)

// contentsCmd is for kpm-indexer test, which asks no cluster itself: it compares what
// was there before a Kube with what is there after it.
type contentsCmd struct {
	clusterFlags
	output
}

// Run prints what the namespace and the cluster hold.
func (c contentsCmd) Run(ctx context.Context, std *stdio) error {
	k, err := c.connect(ctx, std)
	if err != nil {
		return err
	}
	found, err := history.ContentsOf(ctx, k, k.Namespace)
	if err != nil {
		return err
	}
	if done, err := c.structured(std, found); done || err != nil {
		return err
	}
	for _, o := range found.Objects {
		std.line("%s", o.Ref)
	}
	return nil
}
