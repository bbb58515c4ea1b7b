package cluster

import (
	"context"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Cluster is a connection to a cluster, and how fast things are looked at there.
type Cluster struct {
	*api.Client
	pace pace

	ready *ready.Waiter
}

// pace is how fast things are looked at and when they count as stuck.
type pace struct {
	beat  time.Duration // a holder touches its record
	stale time.Duration // a record that stood still so long has lost its holder
	crd   time.Duration // a CRD or a new namespace may take so long to be served, where nobody says how long to wait
}

// Connect connects to a cluster, see [api.Connect].
func Connect(ctx context.Context, o api.Options) (*Cluster, error) {
	c, err := api.Connect(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Cluster{Client: c, pace: pace{beat: 5 * time.Second, stale: 20 * time.Second, crd: time.Minute}, ready: ready.NewWaiter(c)}, nil
}
