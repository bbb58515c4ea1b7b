package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

func rollbackSource(ctx context.Context, c *Client, k *api.Client, id api.Installation, number int, o Options) (*Source, error) {
	t, err := findTarget(ctx, c, k, id, o)
	switch {
	case err != nil:
		return nil, err
	case !t.Installed():
		return nil, t.notInstalled()
	}
	t.action = rollback
	if err := t.confirmed(ctx); err != nil {
		return nil, err
	}
	to, err := revisionToRestore(id, t.state.Revisions, number)
	if err != nil {
		return nil, err
	}
	record, err := history.NewStore(k).Record(ctx, to)
	if err != nil {
		return nil, err
	}
	c.note(fmt.Sprintf("Going back to revision %d of %s, %s", to.Number, id, record.Version))
	if newest := t.state.Revisions[0]; number == 0 && newest.Action == string(rollback) {
		c.note(fmt.Sprintf("revision %d is a rollback already; what is before it is named by its number", newest.Number))
	}
	recorded, err := recordedLayers(id, record)
	if err != nil {
		return nil, err
	}
	s := &Source{target: t, named: true, values: layers{}.over(recorded), past: &pastRevision{number: to.Number, record: record}}
	s.release, s.past.unverified, err = t.releaseOf(ctx, record)
	return s, err
}

// releaseOf finds the release that a revision was made from, or says why its record
// has to do.
func (t *target) releaseOf(ctx context.Context, r *history.Record) (*repos.Release, string, error) {
	switch {
	case r.Edited:
		return nil, "it was made from a copy that was edited", nil
	case r.Repository == "" || r.Digest == "":
		return nil, "it was not made from a repository's release", nil
	}
	rel, err := t.recordedRelease(ctx, r.Repository, r.Version, r.Digest)
	switch {
	case err != nil:
		why, err := unverified(ctx, err)
		return nil, why, err
	case rel.Withdrawn != "":
		return nil, kube.Clean("its archive was withdrawn: "+rel.Withdrawn, false), nil
	}
	caution(t.client, rel)
	return &rel, "", nil
}

// revisionToRestore chooses the revision to go back to, among those that were installed. With
// 0 after a rollback it is where that one went, whether it got there or not: a
// command that is run again does not undo itself. What a rollback that got there
// went back to may be forgotten by now; it is itself the same.
func revisionToRestore(id api.Installation, revisions []history.Revision, number int) (history.Revision, error) {
	again := number == 0 && revisions[0].Action == string(rollback)
	if again {
		number = revisions[0].To
	}
	var have []int
	for i, r := range revisions {
		if r.Status != history.Installed {
			continue
		}
		have = append(have, r.Number)
		if r.Number == number || number == 0 && i > 0 {
			return r, nil
		}
	}
	if again && revisions[0].Status == history.Installed {
		return revisions[0], nil
	}
	return history.Revision{}, &noRevisionError{id, number, have}
}

// noRevisionError says that there is no such revision to go back to.
type noRevisionError struct {
	Installation api.Installation
	Number       int   // 0: the one before
	Have         []int // those that were installed, the newest first
}

func (e *noRevisionError) Error() string {
	if e.Number == 0 {
		return fmt.Sprintf("%s has no earlier revision to go back to", e.Installation)
	}
	return fmt.Sprintf("%s has no revision %d that was installed", e.Installation, e.Number)
}

// ErrorCode is NO_REVISION.
func (e *noRevisionError) ErrorCode() errcode.Code { return errcode.NoRevision }

// ErrorFacts name the installation.
func (e *noRevisionError) ErrorFacts() errcode.Facts { return installation(e.Installation) }

// firstOf is the first of several problems, or the error itself.
func firstOf(err error) error {
	var problems kube.Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		return problems[:1]
	}
	return err
}
