package client

import (
	"context"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// Diff begins to compare what is live with what would be applied: without a
// version, of the version that is installed, or else of the one that was tried; with
// one, as an upgrade to it would go, with the edits of a working copy. It is for
// Installing.Compare, after Fetch and Hook. Nothing is changed, and nobody is waited
// for.
func (c *Client) Diff(ctx context.Context, k *cluster.Cluster, namespace string, ref Ref, how Install) (*Installing, error) {
	how.DryRun = true
	in, err := c.begin(ctx, k, namespace, ref, how)
	if err != nil {
		return nil, err
	}
	if in.state.Installed() == nil {
		if ref.Version == "" && in.before != nil {
			ref.Version = in.before.Version
		}
		return in, in.first(ctx, ref)
	}
	if err := in.again(); err != nil {
		return nil, err
	}
	if ref.Version != "" {
		if err := in.bring(ctx, ref); err != nil {
			return nil, err
		}
	}
	if in.taken == nil {
		if err := in.home(&ref); err != nil {
			return nil, err
		}
		if err := in.resolve(ctx, ref); err != nil {
			return nil, err
		}
	}
	in.own, in.recalls = append(in.had[:len(in.had):len(in.had)], in.own...), true
	return in, nil
}

// Compare gives what would change, also what was changed by others since. It is
// not to be applied. What the server or the rules of ownership refuse is the
// error.
func (in *Installing) Compare(ctx context.Context) (*cluster.Plan, error) {
	objects, err := in.objects(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := in.cluster.Diff(ctx, objects, in.request())
	if err != nil {
		return nil, err
	}
	for _, w := range plan.Warnings {
		in.client.warn(w)
	}
	return plan, plan.Err()
}
