package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// undoTimeout is how long what was before may take to come back at least, however
// little time what failed was given. What nothing but finalizers hold gets no more than
// that did.
const undoTimeout = time.Minute

// Undo undoes what Apply did, when it or what was to follow it failed. Where something
// was installed before, that is rolled back to; its plan asks nothing, and nothing that
// is not verified reaches out of the namespace. Where nothing ever was, what was made
// is removed, also claims, unless somebody else needs it by now. Notices say what is
// done. An error is of the kind HALF_UNDONE, and the journal says what is left.
func (a *Applied) Undo(ctx context.Context, wait Wait) error {
	s := a.planned.source
	wait.held, wait.Timeout = wait.Timeout, max(wait.Timeout, undoTimeout)
	err := a.undo(ctx, wait)
	if err == nil {
		return nil
	}
	verb := "rollback"
	if s.state.Installed() == nil {
		verb = "uninstall"
	}
	return errcode.With(errcode.HalfUndone, errcode.Facts{"name": s.ID.Name, "namespace": s.ID.Namespace, "verb": verb}, err)
}

func (a *Applied) undo(ctx context.Context, wait Wait) error {
	s := a.planned.source
	if !a.begun {
		s.client.note(fmt.Sprintf("%s is as it was: nothing was begun", s.ID))
		return nil
	}
	newest, err := a.isNewest(ctx)
	if err != nil {
		return err
	}
	switch installed := s.state.Installed(); {
	case !newest:
		s.client.note(fmt.Sprintf("%s is left as it is: somebody else has begun since", s.ID))
		return nil
	case installed == nil:
		return a.remove(ctx, wait)
	case s.repeats(a.planned.next):
		s.client.note(fmt.Sprintf("%s has nothing to go back to: revision %d is what was to be applied", s.ID, installed.Number))
		return nil
	default:
		return a.rollBack(ctx, installed.Number, wait)
	}
}

// String names the Kube and its version.
func (a *Applied) String() string { return a.planned.source.String() }

// isNewest reports whether what Apply did is still the newest revision, and ended.
func (a *Applied) isNewest(ctx context.Context) (bool, error) {
	s := a.planned.source
	revisions, err := history.NewStore(s.cluster).Revisions(ctx, s.ID)
	if err != nil || len(revisions) == 0 {
		return false, err
	}
	newest := revisions[0]
	ended := newest.Status == history.Failed || newest.Status == history.Installed
	return ended && newest.Number == a.planned.Plan.Base+1 && newest.Holder.Run == s.options.Holder.Run, nil
}

// rollBack rolls back to what was installed. What this run has deleted may come
// again, wherever it was.
func (a *Applied) rollBack(ctx context.Context, number int, wait Wait) error {
	s := a.planned.source
	back, err := rollbackSource(ctx, s.client, s.cluster, s.ID, number, Options{
		ForceConflicts: s.options.ForceConflicts, UseCRD: s.options.UseCRD, AllowClusterScoped: s.options.AllowClusterScoped,
		AcceptRecorded: s.options.AcceptRecorded, Holder: s.options.Holder,
	})
	if err != nil {
		return err
	}
	fetched, err := back.Fetch(ctx)
	if err != nil {
		return err
	}
	p, err := fetched.Prepare()
	if err != nil {
		return err
	}
	c := circumstances{trusted: a.confirmed(p.past)}
	if !p.past.fromRecord() {
		c.returning = a.planned.Plan.Deleted()
	}
	planned, err := change{back, p}.plan(ctx, c)
	if err != nil {
		return err
	}
	if planned.Question != nil {
		for _, fact := range planned.Question.Facts {
			s.client.warn(fact)
		}
	}
	if _, err := planned.Apply(ctx, wait); err != nil {
		if late, ok := errors.AsType[*ready.Error](err); ok {
			s.options.Journal.left(late.Stays)
		}
		return err
	}
	s.options.Journal.undone()
	s.client.note(fmt.Sprintf("%s is back at what revision %d was", s.ID, number))
	return nil
}

// confirmed reports whether what is gone back to is what the cluster confirmed before
// this run changed anything. Who forges it since then gets nothing.
func (a *Applied) confirmed(b *pastRevision) bool {
	current := a.planned.source.state.Current
	if b.fromRecord() {
		return a.asLive && reflect.DeepEqual(b.record, current)
	}
	return a.planned.Plan.Confirmed() && b.record.Inputs() == current.Inputs()
}

// recordIsLive reports whether the manifests of what is installed are those that are
// live. An Undo may need them, where no repository has what they were made from.
func (c change) recordIsLive(ctx context.Context) (bool, error) {
	s := c.source
	r := s.state.Current
	if !s.options.MayUndo || r == nil || r.Repository != "" && r.Digest != "" && !r.Edited {
		return false, nil
	}
	objects, err := (&pastRevision{number: s.state.Installed().Number, record: r}).objects(s.ID)
	if err != nil {
		return false, nil //nolint:nilerr // then they cannot be gone back to, and Undo says so
	}
	there, differs, err := plan.AsMade(ctx, s.cluster, objects, requestFor(s.cluster, s.ID, s.state), r.Inventory)
	return there > 0 && len(differs) == 0, err
}

// remove removes what this attempt to install and those before it have made. What
// was there before and was only changed stays.
func (a *Applied) remove(ctx context.Context, wait Wait) error {
	s := a.planned.source
	all, err := companionsIn(ctx, s.cluster, s.ID.Namespace)
	if err != nil {
		return err
	}
	if lacks := all.deserted(s.ID, nil); len(lacks) > 0 {
		s.client.note(fmt.Sprintf("%s stays: %s", s.ID, lacks[0]))
		return nil
	}
	state, err := history.NewStore(s.cluster).State(ctx, s.ID)
	if err != nil {
		return err
	}
	made := a.planned.Plan.Added()
	state.Inventory = slices.DeleteFunc(state.Inventory, func(i api.Item) bool {
		return !slices.Contains(made, i.Ref) && !slices.ContainsFunc(s.state.Inventory, func(old api.Item) bool { return old.Ref == i.Ref })
	})
	u := &uninstalling{ID: s.ID, cluster: s.cluster, version: a.planned.next.Version, options: Options{Holder: s.options.Holder}}
	request := requestFor(s.cluster, s.ID, state)
	request.Fresh = made
	u.Plan, err = plan.Uninstall(ctx, s.cluster, request)
	if err != nil {
		return err
	}
	s.client.note(fmt.Sprintf("Removing what was made of %s", s.ID))
	if err := u.Apply(ctx, wait); err != nil {
		s.options.Journal.left(u.left(ctx, err))
		return err
	}
	for _, e := range u.Plan.Entries {
		if e.Action == plan.Kept {
			s.client.note(fmt.Sprintf("%s stays: %s", e.Ref, e.Reason))
		}
	}
	s.options.Journal.undone()
	s.client.note(fmt.Sprintf("%s is not installed, as before", s.ID))
	return nil
}

// left is what is there yet of what was to be removed when that ended with err; where
// the cluster does not say, what err does.
func (u *uninstalling) left(ctx context.Context, err error) []ready.Waiting {
	stays, asking := ready.Remaining(ctx, u.cluster, u.Plan.Deleted())
	if late, ok := errors.AsType[*ready.Error](err); ok && asking != nil {
		return late.Stays
	}
	return stays
}
