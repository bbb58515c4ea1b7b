package client

import (
	"context"
	"errors"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

func dependenciesOf(ctx context.Context, c *Client, ref repos.Ref, pre bool) (*solve.Dependency, error) {
	root, err := root(ctx, c, ref, pre)
	if err != nil {
		return nil, err
	}
	return solve.Solve(ctx, root, catalog{c}, nil)
}

// catalog lets dependencies be chosen from the repositories.
type catalog struct{ client *Client }

// Candidates is that of [solve.Catalog].
func (c catalog) Candidates(ctx context.Context, alias, name string) (solve.Candidates, error) {
	repo, line, err := c.client.Repos.Find(ctx, repos.Ref{Repository: alias, Name: name})
	switch {
	case errors.As(err, new(*repos.NotFoundError)) || errcode.Has(err, errcode.Gone) || errcode.Has(err, errcode.Ambiguous):
		return solve.Candidates{Repository: alias, Missing: err.Error()}, nil
	case err != nil:
		return solve.Candidates{}, err
	}
	doc, err := repo.Document(ctx, line)
	return solve.Candidates{Repository: repo.Alias, Document: doc}, err
}

// root finds the root of a tree. A release is not fetched: the signed index says
// what it needs.
func root(ctx context.Context, c *Client, ref repos.Ref, pre bool) (solve.Kube, error) {
	t, err := openLocal(ctx, c, ref)
	if err != nil {
		return solve.Kube{}, err
	}
	if t == nil {
		rel, err := c.Repos.Resolve(ctx, ref, pre)
		if err != nil {
			return solve.Kube{}, err
		}
		caution(c, rel)
		return rootOfRelease(rel), nil
	}
	warnOfCopy(ctx, c, t.Kube.Name, t.Copy)
	return t.root(), nil
}

// root is a Kube that was opened as the root of a tree.
func (t *Opened) root() solve.Kube {
	root := rootOf(t.Kube)
	switch {
	case t.Release != nil:
		root.Repository = t.Release.Repository.Alias
	case t.Copy != nil:
		root.Repository = t.Copy.Origin.Alias
	}
	return root
}

// rootOf is a Kube that is at hand as the root of a tree.
func rootOf(k *kube.Kube) solve.Kube {
	d := solve.Kube{Name: k.Name, Version: k.Version.Original()}
	for _, need := range k.Dependencies {
		d.Needs = append(d.Needs, index.Dependency{Name: need.Name, Version: need.Version.String()})
	}
	return d
}

// rootOfRelease is the release as the root of a tree: the signed index says what it needs.
func rootOfRelease(r repos.Release) solve.Kube {
	return solve.Kube{Name: r.Name, Version: r.Version, Repository: r.Repository.Alias, Needs: r.Dependencies}
}
