package client

import (
	"context"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/hook"
)

// Preview begins to show, without a cluster, what the Kube that ref names gives.
// Its steps are Hook and Consent, RunHook, and Rendered; a hook is told namespace.
func (c *Client) Preview(ctx context.Context, ref Ref, v Values, pre bool, namespace string) (*Installing, error) {
	in := &Installing{client: c, action: hook.Install}
	var err error
	if in.own, err = v.layers(); err != nil {
		return nil, err
	}
	if in.taken, err = c.Take(ctx, ref, pre); err != nil {
		return nil, err
	}
	in.ID = cluster.Installation{Namespace: namespace, Name: in.taken.Kube.Name}
	if err := in.ID.Check(); err != nil {
		return nil, err
	}
	in.own, err = resolve(in.taken.Kube, in.own)
	return in, err
}

// Rendered are the manifests that the Kube gives, with what its hook gave.
func (in *Installing) Rendered(ctx context.Context) (*Rendered, error) {
	t := *in.taken
	t.Kube = in.hook.over(t.Kube)
	own, err := layersFor(t.Kube, in.own)
	if err != nil {
		return nil, err
	}
	return in.client.render(ctx, &t, in.hook.under(own))
}
