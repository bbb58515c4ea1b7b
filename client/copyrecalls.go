package client

import (
	"context"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/kube"
)

// recallsOfCopy says whether the release was taken back that the working copy of a Kube
// was made from.
func recallsOfCopy(ctx context.Context, c *Client, name string, copied *workcopy.Copy) []repos.Recall {
	if copied == nil {
		return nil
	}
	return c.Repos.Recalls(ctx, []repos.Installed{{Name: name, Version: copied.Version, Repository: copied.Origin.Repository}})
}

// warnOfCopy tells of a working copy that is only looked at, or left behind, whether its
// release was taken back.
func warnOfCopy(ctx context.Context, c *Client, name string, copied *workcopy.Copy) {
	for _, r := range recallsOfCopy(ctx, c, name, copied) {
		c.warn(kube.Clean(r.OfCopy(copied.Dir), false))
	}
}
