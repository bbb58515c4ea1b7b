package repos

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// UnverifiedError says why nobody vouches for an archive that a user has.
type UnverifiedError struct {
	Reason string
	Err    error // the cause, may be nil
}

func (e *UnverifiedError) Error() string { return e.Reason }

func (e *UnverifiedError) Unwrap() error { return e.Err }

// ErrorCode is that of the cause: a bad signature, that of somebody else, and what
// cannot be checked are told apart. Without one nobody lists the archive.
func (e *UnverifiedError) ErrorCode() errcode.Code {
	var of interface{ ErrorCode() errcode.Code }
	if errors.As(e.Err, &of) {
		return of.ErrorCode()
	}
	return trust.Unlisted
}

func unverified(err error, format string, args ...any) error {
	return &UnverifiedError{fmt.Sprintf(format, args...), err}
}

// lone is an archive that a user has.
type lone struct {
	kube   *kube.Kube
	digest index.Digest
	size   int64
	bundle []byte
}

// in asks one repository. It gives nil when that says nothing of the archive.
func (l lone) in(ctx context.Context, r *Repository) (*Release, error) {
	version := l.kube.Version.Original()
	rel := &Release{
		Release: index.Release{Version: version, SHA256: l.digest, Size: l.size},
		Name:    l.kube.Name, Repository: r, Record: index.Record{Name: l.kube.Name, Version: version},
	}
	listed, err := published(ctx, r, l.kube)
	switch {
	case err != nil:
		return rel, unverified(rel.By.failed("index", err), "repository %s: %v", r.Alias, err)
	case listed == nil && l.bundle == nil:
		return nil, nil
	case listed == nil:
		return rel, rel.signedAlone(l.bundle)
	case listed.SHA256 != l.digest:
		err := unverified(nil, "it is not what repository %s published as %s %s", r.Alias, l.kube.Name, l.kube.Version)
		return rel, rel.By.failed("archive", err)
	}
	return listed, listed.attested(ctx)
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
func (r *Release) attested(ctx context.Context) error {
	if err := r.usable(); err != nil {
		return r.By.failed("release", err)
	}
	doc, head, err := r.listed(&r.By)
	if err == nil {
		r.By.passed("archive", "its sha256 is %s, as the document says", r.SHA256)
		if err = r.provenance(ctx, doc, head.Repository, &r.By); err != nil {
			err = r.By.failed("provenance", err)
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrOffline):
		return unverified(err, "its provenance is not at hand, and kpm is offline")
	case err != nil:
		return unverified(err, "%v", err)
	}
	return nil
}

// signedAlone checks an archive that the index does not list by its bundle: who signed
// it must hold the role provenance now. Whoever held it once, and was removed, vouches
// for nothing that the index does not list.
func (r *Release) signedAlone(bundle []byte) error {
	doc, head, err := explain(r.Repository, &r.By)
	if err != nil {
		return unverified(err, "%v", err)
	}
	r.By.Repository = head.Repository
	r.By.passed("release", "the index lists no %s %s: the bundle beside the archive has to say who answers for it", r.Name, r.Version)
	statement, err := doc.Attested(bundle, signing.Provenance{
		Repository: head.Repository, Name: r.Name, Version: r.Version, SHA256: string(r.SHA256),
	})
	if err != nil {
		return unverified(r.By.failed("provenance", err), "%v", err)
	}
	r.By.attested(doc, statement)
	r.By.Signer = signersOf(doc, statement)[0]
	return nil
}
