package repos

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
)

// UnverifiedError says why nobody vouches for an archive that a user has.
type UnverifiedError struct{ Reason string }

func (e *UnverifiedError) Error() string { return e.Reason }

func unverified(format string, args ...any) error {
	return &UnverifiedError{fmt.Sprintf(format, args...)}
}

// published is the release of a repository that has the name and version of k;
// nil if there is none.
func published(ctx context.Context, r *Repository, k *kube.Kube) (*Release, error) {
	line, ok, err := r.get(k.Name)
	if err != nil || !ok {
		return nil, err
	}
	doc, err := r.Document(ctx, line)
	if err != nil {
		return nil, err
	}
	rel, ok := doc.Release(k.Version.Original())
	if !ok {
		return nil, nil
	}
	return &Release{Release: rel, Name: doc.Name, Repository: r, Record: line.Record}, nil
}

// attested checks all that Open checks of a release but the archive itself.
func (r *Release) attested(ctx context.Context) (*Release, error) {
	if err := r.usable(); err != nil {
		return nil, err
	}
	doc, head, err := r.Repository.current()
	if err == nil {
		r.Signer, err = r.provenance(ctx, doc, head.Repository)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrOffline):
		return nil, unverified("its provenance is not at hand, and kpm is offline")
	case err != nil:
		return nil, unverified("%v", err)
	}
	return r, nil
}
