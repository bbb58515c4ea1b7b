package plan

import (
	"context"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Diff compares what is live with what objects want. It takes for granted that
// fields may be taken from others, so that edits by others show as changes; it
// is not to be applied.
func Diff(ctx context.Context, c *api.Client, objects []manifest.Object, r Request) (*Plan, error) {
	r.ForceConflicts, r.AllowClusterScoped = true, true
	if r.Recorded != nil {
		accepted := *r.Recorded
		accepted.Accepted, r.Recorded = true, &accepted
	}
	return New(ctx, c, objects, r)
}
