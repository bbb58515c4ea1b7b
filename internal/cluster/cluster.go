package cluster

import (
	"context"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Cluster is a connection to a cluster, and how fast things are looked at there.
type Cluster struct {
	*api.Client
	pace pace
}

// pace is how fast things are looked at and when they count as stuck.
type pace struct {
	beat   time.Duration // a holder touches its record
	stale  time.Duration // a record that stood still so long has lost its holder
	poll   time.Duration // the first look at an object that is waited for; later ones come slower
	grace  time.Duration // a pod may lack its image or a Secret so long before Wait gives up
	settle time.Duration // what has crashed has to stay ready so long
	crd    time.Duration // a CRD or a new namespace may take so long to be served, where nobody says how long to wait
}

// Connect connects to a cluster, see [api.Connect].
func Connect(ctx context.Context, o api.Options) (*Cluster, error) {
	c, err := api.Connect(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Cluster{Client: c, pace: pace{beat: 5 * time.Second, stale: 20 * time.Second, poll: 250 * time.Millisecond, grace: 30 * time.Second, settle: 10 * time.Second, crd: time.Minute}}, nil
}
