package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/kube"
)

// RecallsOfCopy says whether the release was taken back that the working copy of a Kube
// was made from.
func RecallsOfCopy(ctx context.Context, c *Client, name string, copied *workcopy.Copy) []repos.Recall {
	if copied == nil {
		return nil
	}
	return c.Repos.Recalls(ctx, []repos.Installed{{Name: name, Version: copied.Version, Repository: copied.Origin.Repository}})
}

func recallsOfOpened(ctx context.Context, c *Client, t *Opened) []repos.Recall {
	if t == nil {
		return nil
	}
	return RecallsOfCopy(ctx, c, t.Kube.Name, t.Copy)
}

// warnOfCopy tells of a working copy that is only looked at, or left behind, whether its
// release was taken back.
func warnOfCopy(ctx context.Context, c *Client, name string, copied *workcopy.Copy) {
	for _, r := range RecallsOfCopy(ctx, c, name, copied) {
		c.warn(kube.Clean(r.OfCopy(copied.Dir), false))
	}
}

// warnOfOlder tells that a release takes a working copy back to what is older.
func warnOfOlder(c *Client, r repos.Release, copied *workcopy.Copy) {
	if copied != nil && older(r.Version, copied.Version) {
		c.warn(fmt.Sprintf("your copy %s is of %s; this goes back to %s", copied.Dir, copied.Version, r.Version))
	}
}
