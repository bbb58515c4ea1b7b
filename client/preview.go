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
	f := &Fetched{ID: api.Installation{Namespace: namespace, Name: t.Kube.Name}, client: c, action: hook.Install, opened: t, asked: asksNobody}
	if err := f.ID.Check(); err != nil {
		return nil, err
	}
	given, err = resolve(t.Kube, given)
	f.values = layers{given: given, all: given}
	return f, err
}

func asksNobody(context.Context, []manifest.Object) error { return nil }
