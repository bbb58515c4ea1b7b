package client

import (
	"context"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

func recallsOf(ctx context.Context, c *Client, there []history.Listed) []repos.Recall {
	return c.Repos.Recalls(ctx, installed(there))
}

// installed is what is installed among what there is.
func installed(there []history.Listed) []repos.Installed {
	var all []repos.Installed
	for _, l := range there {
		if l.Installed != nil {
			all = append(all, repos.Installed{
				Namespace: l.Installation.Namespace, Name: l.Installation.Name, Version: l.Installed.Version, Repository: l.Installed.Repository, Edited: l.Installed.Edited,
			})
		}
	}
	return all
}

func outdatedOf(c *Client, there []history.Listed) ([]repos.Outdated, error) {
	return c.Repos.Outdated(installed(there))
}
