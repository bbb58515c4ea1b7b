package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// doubtError says why nobody vouches for an archive that a user has.
type doubtError struct{ reason string }

func (e *doubtError) Error() string { return e.reason }

func doubt(format string, args ...any) error {
	return &doubtError{fmt.Sprintf(format, args...)}
}

// vouch finds the release whose archive has exactly these bytes, and verifies it
// as if it had been fetched. The error is a *doubtError if there is none or it
// cannot be verified. A release that must not be used, as a revoked one, is
// refused whichever way its archive came.
func (c *Client) vouch(ctx context.Context, k *kube.Kube, data []byte) (*Release, error) {
	shelves, err := c.shelves("")
	if err != nil {
		return nil, doubt("%v", err)
	}
	defer closeAll(shelves)
	digest := index.DigestOf(data)
	reason := doubt("no repository published it")
	for _, s := range shelves {
		rel, err := c.published(ctx, s, k)
		switch {
		case err != nil:
			reason = doubt("repository %s: %v", s.repo.Alias, err)
		case rel == nil:
		case rel.SHA256 != digest:
			reason = doubt("it is not what repository %s published as %s %s", s.repo.Alias, k.Name, k.Version)
		default:
			return c.attested(ctx, rel)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, reason
}

// published is the release of a repository that has the name and version of k;
// nil if there is none.
func (c *Client) published(ctx context.Context, s shelf, k *kube.Kube) (*Release, error) {
	line, ok, err := s.Get(k.Name)
	if err != nil || !ok {
		return nil, err
	}
	doc, err := c.document(ctx, s.repo, line)
	if err != nil {
		return nil, err
	}
	rel, ok := doc.Release(k.Version.Original())
	if !ok {
		return nil, nil
	}
	return &Release{Release: rel, Name: doc.Name, Repository: s.repo, Record: line.Record}, nil
}

// attested checks all that Open checks of a release but the archive itself.
func (c *Client) attested(ctx context.Context, r *Release) (*Release, error) {
	if err := c.usable(*r); err != nil {
		return nil, err
	}
	doc, head, err := c.current(r.Repository)
	if err == nil {
		r.Signer, err = c.provenance(ctx, doc, head.Repository, *r)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrOffline):
		return nil, doubt("its provenance is not at hand, and kpm is offline")
	case err != nil:
		return nil, doubt("%v", err)
	}
	return r, nil
}
