package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// mergeCopy merges the release that ref means into the working copy of its Kube, in
// memory, and goes on with what that gives. A REPO/NAME never means the copy, and
// a copy that kpm did not make stays as it is. Who names no version and has a copy
// for which nothing newer can be found upgrades to the copy.
func (s *Source) mergeCopy(ctx context.Context, ref repos.Ref) error {
	if ref.Path != "" || ref.Repository != "" {
		return nil
	}
	info, err := s.client.Copies().Copy(ref.Name)
	if err != nil || info == nil || info.Version == "" {
		return err
	}
	rel, err := s.successor(ctx, ref, info)
	if err != nil || rel == nil {
		return err
	}
	m, err := s.client.Merge(ctx, *rel)
	if err != nil {
		return err
	}
	if m == nil {
		s.local, err = openCopy(s.client, ref.Name)
		return err
	}
	conflicts := m.Conflicts()
	switch {
	case len(conflicts) == 0:
		s.merging, s.local = m, &Opened{Kube: m.Kube, Copy: m.Copy()}
		return nil
	case s.options.DryRun:
		return &workcopy.MergeError{Name: m.Name, Version: m.Version, Files: conflicts}
	}
	return s.client.Copies().CommitMerge(ctx, m) // the user gets to see both sides
}

// successor finds the release to bring a working copy to, in the repository that
// the copy is from; nil when there is none.
func (s *Source) successor(ctx context.Context, ref repos.Ref, info *workcopy.Copy) (*repos.Release, error) {
	var rel *repos.Release
	var err error
	if ref.Repository, err = aliasOf(s.client, info.Origin.Repository, s.ID); err == nil {
		rel, err = s.newest(ctx, ref)
	}
	switch {
	case err != nil && ref.Version == "" && isUnavailable(err):
		s.client.note(fmt.Sprintf("%s stays at %s: %v", info.Dir, info.Version, err))
		return nil, nil
	case err != nil:
		return nil, err
	case ref.Version == "" && !older(info.Version, rel.Version):
		return nil, nil
	}
	return rel, nil
}

// isUnavailable reports whether an error says that there is no such release to be had.
func isUnavailable(err error) bool {
	return errors.As(err, new(*repos.NotFoundError)) || errcode.Has(err, errcode.Gone) || errcode.Has(err, errcode.NeverUpdated) || errors.Is(err, repos.ErrNoRepository)
}

// copyRecalled refuses a working copy of a release that was revoked, edited or not, and
// tells of another that was taken back. Of what is installed already that is told with it.
func (s *Source) copyRecalled(ctx context.Context) error {
	if s.local == nil || s.local.Copy == nil {
		return nil
	}
	if had := s.state.Installed(); had != nil && had.Version == s.local.Copy.Version {
		return nil
	}
	for _, r := range recallsOfCopy(ctx, s.client, s.ID.Name, s.local.Copy) {
		found := kube.Clean(r.OfCopy(s.local.Copy.Dir), false)
		if r.Kind == repos.Revoked {
			return &trust.Error{Code: trust.Revoked, Found: found, Facts: errcode.Facts{"name": r.Name}}
		}
		s.client.warn(found)
	}
	return nil
}
