package client

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/hook"
)

// rollback is the action of going back. No hook ever sees it.
const rollback hook.Action = "rollback"

// target is an installation that is to be changed, as it was found in its cluster, and
// how to change it.
type target struct {
	ID api.Installation

	client  *Client
	cluster *api.Client
	options Options
	action  hook.Action
	state   history.State
	last    *history.Record // of what is installed, or else of the last attempt; nil: there was none
	salt    []byte          // of the records: what they had, or a new one
	wanted  string          // what is to be installed, as an upgrade names it; "" is the name
}

// findTarget reads what the cluster has recorded, once nobody else is at work on it.
func findTarget(ctx context.Context, c *Client, k *api.Client, id api.Installation, o Options) (target, error) {
	state, err := idleState(ctx, c, k, id, o)
	if err != nil {
		return target{}, err
	}
	t := target{ID: id, client: c, cluster: k, options: o, action: hook.Install, state: state, last: lastRecord(state)}
	switch {
	case state.Current.Salted():
		t.salt = state.Current.Salt
	case t.last.Salted():
		t.salt = t.last.Salt
	default:
		t.salt = history.NewSalt()
	}
	return t, nil
}

// idleState is what is recorded of an installation once nobody is at work on it; with
// DryRun as it is now.
func idleState(ctx context.Context, c *Client, k *api.Client, id api.Installation, o Options) (history.State, error) {
	if o.DryRun {
		return history.NewStore(k).State(ctx, id)
	}
	return history.NewStore(k).AwaitIdle(ctx, id, o.Holder, o.Patience, func(r history.Revision) {
		c.note(fmt.Sprintf("Waiting for %s, who is at work on %s", r.Holder, id.Name))
	})
}

// lastRecord is the record of what is installed, or else of the newest attempt whose
// record can be read; nil when there is none. What the hook made then still counts.
func lastRecord(s history.State) *history.Record {
	if s.Current == nil && len(s.Tried) > 0 {
		return s.Tried[0]
	}
	return s.Current
}

// Installed reports whether something is installed under the name already.
func (t *target) Installed() bool { return t.state.Installed() != nil }

// accepts reports whether the user agrees to what the record of the installation
// says, confirmed or not.
func (t *target) accepts() bool {
	return slices.Contains(t.options.AcceptRecorded, t.ID.Namespace+"/"+t.ID.Name)
}

// confirmed refuses to go by the version and values of what is installed when
// nothing of it is there.
func (t *target) confirmed(ctx context.Context) error {
	if t.state.Current == nil || t.accepts() {
		return nil
	}
	alone, err := history.Unwitnessed(ctx, t.cluster, t.ID, t.state.Inventory)
	if err != nil || !alone {
		return err
	}
	proof, err := plan.Prove(ctx, t.cluster, t.ID, t.state.Inventory)
	if err != nil {
		return err
	}
	return &unconfirmedError{Installation: t.ID, Differs: restored(proof.Others)}
}

// notInstalled is the error for what is not installed.
func (t *target) notInstalled() error {
	e := &NotInstalledError{Installation: t.ID, Tried: len(t.state.Revisions) > 0}
	if e.Tried {
		last := t.state.Revisions[0]
		e.Local = last.Repository == "" && !last.Edited
	}
	return e
}

func (t *target) conflict(format string, args ...any) error {
	return &conflictError{t.ID, cmp.Or(t.wanted, t.ID.Name), fmt.Sprintf(format, args...)}
}

// changedSince is err, or, where somebody else has begun since the plan was made upon
// the revision base, that: what was looked at is changing, and says nothing.
func (t *target) changedSince(ctx context.Context, base int, err error) error {
	revisions, reading := history.NewStore(t.cluster).Revisions(ctx, t.ID)
	if reading != nil || len(revisions) > 0 && revisions[0].Number == base {
		return err
	}
	return &api.Error{
		Classes: []error{api.ErrConflict, api.ErrStale}, Text: fmt.Sprintf("somebody else has begun to change %s since the plan", t.ID), Cause: err,
	}
}
