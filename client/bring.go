package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/client/workcopy"
)

// bring merges the release that ref means into the working copy of its Kube, in
// memory, and goes on with what that gives. A REPO/NAME never means the copy, and
// a copy that kpm did not make stays as it is. Who names no version and has a copy
// for which nothing newer can be found upgrades to the copy.
func (in *Installing) bring(ctx context.Context, ref Ref) error {
	if ref.Path != "" || ref.Repository != "" {
		return nil
	}
	info, err := in.client.Copies().Copy(ref.Name)
	if err != nil || info == nil || info.Version == "" {
		return err
	}
	found, err := in.successor(ctx, ref, info)
	if err != nil || !found {
		return err
	}
	m, err := in.client.Merge(ctx, *in.release)
	if err != nil {
		return err
	}
	in.release = nil
	if m == nil {
		in.taken, err = in.client.takeCopy(ref.Name)
		return err
	}
	return in.merged(ctx, m)
}

// successor finds the release to bring a working copy to, in the repository that
// the copy is from.
func (in *Installing) successor(ctx context.Context, ref Ref, info *workcopy.Copy) (bool, error) {
	var err error
	if ref.Repository, err = in.client.aliasOf(info.Origin.Repository, in.ID); err == nil {
		err = in.newest(ctx, ref)
	}
	switch {
	case err != nil && ref.Version == "" && nowhere(err):
		in.client.note(fmt.Sprintf("%s stays at %s: %s", info.Dir, info.Version, firstLine(err)))
		return false, nil
	case err != nil:
		return false, err
	case ref.Version == "" && !older(info.Version, in.release.Version):
		in.release = nil
		return false, nil
	}
	return true, nil
}

// nowhere reports whether an error says that there is no such release to be had.
func nowhere(err error) bool {
	return errors.As(err, new(*NotFoundError)) || errors.As(err, new(*GoneError)) || errors.As(err, new(*NotUpdatedError)) || errors.Is(err, ErrNoRepository)
}

// merged goes on with a merged copy. Conflicts end it: the user gets to see both
// sides, unless nothing is to be changed.
func (in *Installing) merged(ctx context.Context, m *workcopy.Merging) error {
	conflicts := m.Conflicts()
	switch {
	case len(conflicts) == 0:
		in.merging, in.taken = m, &Taken{Kube: m.Kube, Copy: m.Copy()}
		return nil
	case in.how.DryRun:
		return &workcopy.MergeError{Name: m.Name, Version: m.Version, Files: conflicts}
	}
	return in.client.Copies().CommitMerge(ctx, m)
}
