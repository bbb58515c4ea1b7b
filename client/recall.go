package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
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

// copyRecalled refuses a working copy of a release that was revoked, edited or not, and
// tells of another that was taken back. Of what is installed already that is told with it.
func (s *Source) copyRecalled(ctx context.Context) error {
	if s.local == nil || s.local.Copy == nil {
		return nil
	}
	copied := s.local.Copy
	if had := s.state.Installed(); had != nil && had.Version == copied.Version {
		return nil
	}
	of := repos.Installed{Name: s.ID.Name, Version: copied.Version, Repository: copied.Origin.Repository}
	for _, r := range s.client.Repos.Recalls(ctx, []repos.Installed{of}) {
		found := kube.Clean(fmt.Sprintf("your copy %s is of %s %s, which was %s by repository %s: %s", copied.Dir, r.Name, r.Version, word(r.Kind), r.Repository, r.Reason), false)
		if r.Kind == repos.Revoked {
			return &trust.Error{Code: trust.Revoked, Found: found, Facts: errcode.Facts{"name": r.Name}}
		}
		s.client.warn(found)
	}
	return nil
}

// word is what was done to a release.
func word(kind string) string {
	if kind == repos.Gone {
		return "taken away with all of its Kube"
	}
	return kind
}
