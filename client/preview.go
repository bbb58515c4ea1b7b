package client

import (
	"context"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/manifest"
)

func previewKube(ctx context.Context, c *Client, ref repos.Ref, v Values, pre bool, namespace string) (*Fetched, error) {
	given, err := v.layers()
	if err != nil {
		return nil, err
	}
	t, err := c.Open(ctx, ref, pre)
	if err != nil {
		return nil, err
	}
	f := asOpened(c, api.Installation{Namespace: namespace, Name: t.Kube.Name}, hook.Install, t)
	if err := f.ID.Check(); err != nil {
		return nil, err
	}
	given, err = resolve(t.Kube, given)
	f.values = layers{given: given, all: given}
	return f, err
}

// asOpened is a Kube that was opened, and that no cluster is asked about before its hook.
func asOpened(c *Client, id api.Installation, action hook.Action, opened *Opened) *Fetched {
	asksNobody := func(context.Context, []manifest.Object) error { return nil }
	return &Fetched{ID: id, client: c, action: action, opened: opened, asked: asksNobody}
}
