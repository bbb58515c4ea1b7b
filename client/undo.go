package client

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// Undo takes back what Apply did, when it or what was to follow it failed. Where
// something was installed before, that is rolled back to; its plan asks nothing, and
// nothing that is not verified reaches out of the namespace. Where nothing ever was,
// what was made is removed, also claims, unless somebody else needs it by now.
// Notices say what is done.
func (in *Installing) Undo(ctx context.Context, wait Wait, tell Applying) error {
	if !in.began {
		in.client.note(fmt.Sprintf("%s is as it was: nothing was begun", in.ID))
		return nil
	}
	ours, err := in.alone(ctx)
	if err != nil {
		return err
	}
	switch installed := in.state.Installed(); {
	case !ours:
		in.client.note(fmt.Sprintf("%s is left as it is: somebody else has begun since", in.ID))
		return nil
	case installed == nil:
		return in.remove(ctx, wait, tell)
	case in.repeats():
		in.client.note(fmt.Sprintf("%s has nothing to go back to: revision %d is what was to be applied", in.ID, installed.Number))
		return nil
	default:
		return in.goBack(ctx, installed.Number, wait, tell)
	}
}

// alone reports whether what Apply did is still the newest revision, and ended.
func (in *Installing) alone(ctx context.Context) (bool, error) {
	revisions, err := in.cluster.History(ctx, in.ID)
	if err != nil || len(revisions) == 0 {
		return false, err
	}
	newest := revisions[0]
	ended := newest.Status == cluster.Failed || newest.Status == cluster.Installed
	return ended && newest.Number == in.plan.Base+1 && newest.Holder.Run == in.how.Holder.Run, nil
}

// goBack rolls back to what was installed. What this run has deleted may come
// again, wherever it was.
func (in *Installing) goBack(ctx context.Context, number int, wait Wait, tell Applying) error {
	back, err := in.client.Rollback(ctx, in.cluster, in.ID, number, Install{
		ForceConflicts: in.how.ForceConflicts, UseCRD: in.how.UseCRD, AllowClusterScoped: in.how.AllowClusterScoped, AcceptRecorded: in.how.AcceptRecorded, Holder: in.how.Holder,
	})
	if err != nil {
		return err
	}
	if err := back.Fetch(ctx); err != nil {
		return err
	}
	if _, _, err := back.Hook(); err != nil {
		return err
	}
	back.trusted = in.knew(back.back)
	if !back.back.unverified() {
		back.returning = in.plan.Deleted()
	}
	_, q, err := back.Plan(ctx)
	if err != nil {
		return err
	}
	if q != nil {
		for _, fact := range q.Facts {
			in.client.warn(fact)
		}
	}
	if err := back.Apply(ctx, wait, tell); err != nil {
		return err
	}
	in.how.Journal.tookBack()
	in.client.note(fmt.Sprintf("%s is back at what revision %d was", in.ID, number))
	return nil
}

// knew reports whether what is gone back to is what the cluster confirmed before this
// run changed anything. Who forges it since then gets nothing.
func (in *Installing) knew(b *retreat) bool {
	if b.unverified() {
		return in.asLive && reflect.DeepEqual(b.record, in.state.Current)
	}
	return in.plan.Confirmed() && b.record.Inputs() == in.state.Current.Inputs()
}

// compareRecorded notes whether the manifests of what is installed are those that are
// live. An Undo may need them, where no repository has what they were made from.
func (in *Installing) compareRecorded(ctx context.Context) error {
	r := in.state.Current
	if !in.how.MayUndo || r == nil || r.Repository != "" && r.Digest != "" && !r.Edited {
		return nil
	}
	objects, err := (&retreat{number: in.state.Installed().Number, record: r}).objects(in.ID)
	if err != nil {
		return nil //nolint:nilerr // then they cannot be gone back to, and Undo says so
	}
	there, differs, err := in.cluster.AsMade(ctx, objects, cluster.Request{Installation: in.ID, State: in.state}, r.Inventory)
	in.asLive = there > 0 && len(differs) == 0
	return err
}

// remove removes what this attempt to install and those before it have made. What
// was there before and was only changed stays.
func (in *Installing) remove(ctx context.Context, wait Wait, tell Applying) error {
	all, err := beside(ctx, in.cluster, in.ID.Namespace)
	if err != nil {
		return err
	}
	if lacks := all.deserted(in.ID, nil); len(lacks) > 0 {
		in.client.note(fmt.Sprintf("%s stays: %s", in.ID, lacks[0]))
		return nil
	}
	state, err := in.cluster.State(ctx, in.ID)
	if err != nil {
		return err
	}
	made := in.plan.Added()
	state.Inventory = slices.DeleteFunc(state.Inventory, func(i cluster.Item) bool {
		return !slices.Contains(made, i.Ref) && !slices.ContainsFunc(in.state.Inventory, func(old cluster.Item) bool { return old.Ref == i.Ref })
	})
	u := &Uninstalling{ID: in.ID, cluster: in.cluster, version: in.next.Version, how: Uninstall{Holder: in.how.Holder}}
	u.Plan, err = in.cluster.PlanUninstall(ctx, cluster.Request{Installation: in.ID, State: state, Fresh: made})
	if err != nil {
		return err
	}
	in.client.note(fmt.Sprintf("Removing what was made of %s", in.ID))
	if err := u.Apply(ctx, wait, tell); err != nil {
		return err
	}
	for _, e := range u.Plan.Entries {
		if e.Action == cluster.Kept {
			in.client.note(fmt.Sprintf("%s stays: %s", e.Ref, e.Reason))
		}
	}
	in.how.Journal.tookBack()
	in.client.note(fmt.Sprintf("%s is not installed, as before", in.ID))
	return nil
}
