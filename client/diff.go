package client

import (
	"context"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
)

func diffSource(ctx context.Context, c *Client, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	o.DryRun = true
	s, err := findSource(ctx, c, k, namespace, ref, o)
	if err != nil {
		return nil, err
	}
	if !s.Installed() {
		if ref.Version == "" && s.last != nil {
			ref.Version = s.last.Version
		}
		return s.first(ctx, ref)
	}
	recorded, err := s.continued()
	if err != nil {
		return nil, err
	}
	if ref.Version != "" {
		if err := s.mergeCopy(ctx, ref); err != nil {
			return nil, err
		}
	}
	if s.local == nil {
		if ref, err = s.inItsRepository(ref); err != nil {
			return nil, err
		}
		if s.release, err = s.sameRelease(ctx, ref); err != nil {
			return nil, err
		}
	}
	s.values = s.values.over(recorded)
	return s, nil
}
