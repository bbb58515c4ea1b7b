package cluster

import (
	"context"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Wait waits until objects are ready.
func (c *Cluster) Wait(ctx context.Context, objects []api.Ref, timeout time.Duration, progress func(ready.Waiting)) error {
	return c.ready.Wait(ctx, objects, timeout, progress)
}

// WaitGone waits until objects are gone.
func (c *Cluster) WaitGone(ctx context.Context, objects []api.Ref, timeout time.Duration) error {
	return c.ready.WaitGone(ctx, objects, &ready.Clock{Limit: timeout}, nil)
}
