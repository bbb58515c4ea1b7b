package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/hook"
)

// rollback is the action of going back. No hook ever sees it.
const rollback hook.Action = "rollback"

// Rollback begins to go back to a revision of an installation: to the one of that number, or with 0 to the one that was installed before (after
// a rollback to where that one went). The steps after it are those of Install; no
// hook runs.
//
// What was applied then is rendered again from the verified archive, with the
// values and with what the hook wrote as they are remembered. Where that cannot be
// done, the recorded manifests are applied: nobody vouches for them, which has to be
// agreed to, and they reach out of the namespace only when that is allowed. A
// release that was revoked is refused.
func (c *Client) Rollback(ctx context.Context, k *cluster.Cluster, id cluster.Installation, number int, how Install) (*Installing, error) {
	in := &Installing{client: c, cluster: k, how: how, action: rollback}
	if err := in.look(ctx, id); err != nil {
		return nil, err
	}
	if in.state.Installed() == nil {
		return nil, in.neverInstalled()
	}
	if err := in.witnessed(ctx); err != nil {
		return nil, err
	}
	to, err := target(in.ID, in.state.Revisions, number)
	if err != nil {
		return nil, err
	}
	record, err := k.Record(ctx, to)
	if err != nil {
		return nil, err
	}
	c.note(fmt.Sprintf("Going back to revision %d of %s, %s", to.Number, in.ID, record.Version))
	if newest := in.state.Revisions[0]; number == 0 && newest.Action == string(rollback) {
		c.note(fmt.Sprintf("revision %d is a rollback already; what is before it is named by its number", newest.Number))
	}
	in.back = &retreat{number: to.Number, record: record}
	if in.had, err = recalled(in.ID, in.state.Current); err != nil {
		in.had = nil // it is only hidden, and rolled back
	}
	if in.own, err = recalled(in.ID, record); err != nil {
		return nil, err
	}
	in.recalls = true
	return in, in.republished(ctx)
}

// target chooses the revision to go back to, among those that were installed. With
// 0 after a rollback it is where that one went, whether it got there or not: a
// command that is run again does not undo itself. What a rollback that got there
// went back to may be forgotten by now; it is itself the same.
func target(id cluster.Installation, revisions []cluster.Revision, number int) (cluster.Revision, error) {
	again := number == 0 && revisions[0].Action == string(rollback)
	if again {
		number = revisions[0].To
	}
	var have []int
	for i, r := range revisions {
		if r.Status != cluster.Installed {
			continue
		}
		have = append(have, r.Number)
		if r.Number == number || number == 0 && i > 0 {
			return r, nil
		}
	}
	if again && revisions[0].Status == cluster.Installed {
		return revisions[0], nil
	}
	return cluster.Revision{}, &NoRevisionError{id, number, have}
}

// NoRevisionError says that there is no such revision to go back to.
type NoRevisionError struct {
	Installation cluster.Installation
	Number       int   // 0: the one before
	Have         []int // those that were installed, the newest first
}

func (e *NoRevisionError) Error() string {
	if e.Number == 0 {
		return fmt.Sprintf("%s has no earlier revision to go back to", e.Installation)
	}
	return fmt.Sprintf("%s has no revision %d that was installed", e.Installation, e.Number)
}
