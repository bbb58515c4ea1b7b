package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/client/imageset"
	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Images are the images that a Kube names, rendered with v: with the digests that its
// release was published with.
func (c *Client) Images(ctx context.Context, ref repos.Ref, v Values, pre bool) ([]imageset.Image, error) {
	fetched, err := c.Preview(ctx, ref, v, pre, "default")
	if err != nil {
		return nil, err
	}
	prepared, err := fetched.Prepare()
	if err != nil {
		return nil, err
	}
	rendered, err := prepared.Rendered(ctx)
	if err != nil {
		return nil, err
	}
	objects, err := rendered.written()
	if err != nil {
		return nil, err
	}
	l := imageset.Set{}
	kube := rendered.Kube.Name + " " + rendered.Kube.Version.Original()
	tests, _ := lint.Tests(rendered.Kube) //nolint:errcheck // what is wrong with them is said where they are checked
	l.Objects(kube, slices.Concat(objects, tests), rendered.Kube.Images)
	if rel := fetched.opened.Release; rel != nil {
		l.Published(kube, rel.Images)
	}
	return l.Sorted(), nil
}

// AllImages are the images of the newest release of every Kube of every repository,
// as they were published.
func (c *Client) AllImages(ctx context.Context) ([]imageset.Image, error) {
	found, err := c.Repos.Search(ctx, "", "", 0)
	if err != nil {
		return nil, err
	}
	l := imageset.Set{}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetch.AtOnce)
	for _, hit := range found.Hits {
		g.Go(func() error {
			rel, err := c.Repos.Resolve(ctx, repos.Ref{Repository: hit.Repository, Name: hit.Name}, false)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			l.Published(rel.Name+" "+rel.Version, rel.Images)
			return nil
		})
	}
	err = g.Wait()
	return l.Sorted(), err
}

// InstalledImages are the images of what is installed in a namespace, "" is all, as it
// was applied.
func (c *Client) InstalledImages(ctx context.Context, k *api.Client, namespace string) ([]imageset.Image, error) {
	all, err := history.NewStore(k).List(ctx, namespace)
	if err != nil {
		return nil, err
	}
	l := imageset.Set{}
	for _, one := range all {
		state, err := history.NewStore(k).State(ctx, one.Installation)
		if err != nil {
			return nil, err
		}
		if state.Current == nil {
			continue
		}
		var objects []manifest.Object
		for _, raw := range state.Current.Manifests {
			var value map[string]any
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, fmt.Errorf("reading what is recorded of %s: %w", one.Installation, err)
			}
			version, _ := value["apiVersion"].(string)
			kind, _ := value["kind"].(string)
			objects = append(objects, manifest.Object{APIVersion: version, Kind: kind, Value: value})
		}
		t := &target{ID: one.Installation, client: c, cluster: k, state: state}
		named, err := namedImages(ctx, t)
		if err != nil {
			c.warn(fmt.Sprintf("images that no manifest of %s shows are not known: %v", one.Installation, err))
		}
		l.Objects(one.Installation.Name+" "+state.Current.Version, objects, named)
	}
	return l.Sorted(), nil
}

// namedImages are the images that K3.yaml of what is installed names, as they were
// applied: those of the release that the record is of.
func namedImages(ctx context.Context, t *target) ([]string, error) {
	r := t.state.Current
	if r.Repository == "" || r.Digest == "" {
		return nil, unpublished(t.ID)
	}
	rel, err := t.recordedRelease(ctx, r.Repository, r.Version, r.Digest)
	if err != nil {
		return nil, err
	}
	opened, err := openRelease(ctx, rel)
	if err != nil {
		return nil, err
	}
	named := opened.Kube.Images
	if r.Images == "" {
		return named, nil
	}
	from := rewriting{mirror: r.Images, platform: r.ImagesPlatform, published: rel.Images}
	var all []string
	for _, text := range named {
		to, err := from.to(text)
		if err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}
