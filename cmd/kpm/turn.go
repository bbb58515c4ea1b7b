package main

import (
	"context"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/history"
)

// turnCmd is for kpm-indexer test: Kubes with objects of the whole cluster are tested one
// at a time, whoever tests them.
type turnCmd struct {
	clusterFlags
	Holder  string        `arg:""`
	Timeout time.Duration `default:"0s"`
	Keep    bool
	End     bool
}

// turnName is the Lease that tests take.
const turnName = "kpm-indexer-test"

// Run takes a turn, keeps it for a while or ends it.
func (c turnCmd) Run(ctx context.Context, std *stdio) error {
	k, err := c.connect(ctx, std)
	if err != nil {
		return err
	}
	t := history.Turn{Namespace: k.Namespace, Name: turnName, Holder: c.Holder}
	switch {
	case c.End:
		return t.End(ctx, k)
	case c.Keep:
		return t.Keep(ctx, k)
	}
	return t.Take(ctx, k, c.Timeout)
}
