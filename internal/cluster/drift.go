package cluster

import (
	"context"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// Diff compares what is live with what objects want. It takes for granted that
// fields may be taken from others, so that edits by others show as changes; it
// is not to be applied.
func (c *Cluster) Diff(ctx context.Context, objects []manifest.Object, r Request) (*Plan, error) {
	r.ForceConflicts, r.AllowClusterScoped = true, true
	if r.Recorded != nil {
		accepted := *r.Recorded
		accepted.Accepted, r.Recorded = true, &accepted
	}
	return c.Plan(ctx, objects, r)
}
