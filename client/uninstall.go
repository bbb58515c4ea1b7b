package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// uninstalling is an installation on its way out.
type uninstalling struct {
	ID   api.Installation
	Plan *plan.Plan

	cluster *api.Client
	version string
	options Options
}

func planUninstall(ctx context.Context, c *Client, k *api.Client, id api.Installation, o Options) (*uninstalling, error) {
	u := &uninstalling{ID: id, cluster: k, options: o}
	state, err := idleState(ctx, c, k, u.ID, o)
	if err != nil {
		return nil, err
	}
	if len(state.Revisions) == 0 {
		if state.Inventory, err = history.Orphans(ctx, k, u.ID); err != nil && o.Purge {
			return nil, err // without it what cannot be asked for is not named
		}
	}
	switch {
	case len(state.Revisions) == 0 && (len(state.Inventory) == 0 || !o.Purge):
		return nil, &NotInstalledError{Installation: u.ID, Remains: state.Inventory}
	case state.Err != nil: // without it nobody knows what there is to remove
		return nil, state.Err
	}
	u.version = lastKnown(state).Version
	request := requestFor(k, u.ID, state)
	// what lies out of a namespace outlives it: where it is gone it comes back for the record
	request.Purge, request.CreateNamespace = o.Purge, len(state.Revisions) == 0
	u.Plan, err = plan.Uninstall(ctx, k, request)
	if err != nil {
		return nil, err
	}
	if state.Current != nil {
		alone, err := history.Unwitnessed(ctx, k, u.ID, state.Inventory)
		if err != nil {
			return nil, err
		}
		if alone {
			c.warn(fmt.Sprintf("nothing in the cluster is what the record of %s says was made: its Secrets alone are removed", u.ID))
		}
	}
	o.Journal.planned(k, u.Plan, nil, lastKnown(state), false)
	return u, u.Plan.Err()
}

// Question asks before objects are deleted, and says what goes with them; nil
// when none are.
func (u *uninstalling) Question() *Question {
	with := map[api.Ref]string{}
	for _, n := range slices.Concat(u.Plan.CRDs, u.Plan.Volumes) {
		switch {
		case !n.Stays && n.Others != "":
			with[n.Ref] = n.Text + ", with " + n.Others
		case !n.Stays:
			with[n.Ref] = n.Text
		}
	}
	facts := u.unserved()
	for _, ref := range u.Plan.Deleted() {
		fact := fmt.Sprintf("%s will be removed", ref)
		switch {
		case with[ref] != "":
			fact += ": " + with[ref]
		case ref.APIVersion == "v1" && ref.Kind == "Namespace":
			fact += ": everything in it goes, too"
		}
		facts = append(facts, fact)
	}
	if len(facts) == 0 {
		return nil
	}
	return &Question{Facts: facts, Ask: "Continue?"}
}

// unserved names the objects of others that stay with a definition, although what is
// removed may be what serves them.
func (u *uninstalling) unserved() []string {
	var facts []string
	for _, n := range u.Plan.CRDs {
		if n.Stays && n.Others != "" && len(u.Plan.Deleted()) > 0 {
			facts = append(facts, fmt.Sprintf("%s stays with %s; nobody may serve them when %s is gone", n.Ref, n.Others, u.ID.Name))
		}
	}
	return facts
}

// Deserted says which installations need what is removed, a line each.
func (u *uninstalling) Deserted(ctx context.Context) ([]string, error) {
	all, err := companionsIn(ctx, u.cluster, u.ID.Namespace)
	return all.deserted(u.ID, nil), err
}

// lastKnown is what the record says of what is installed, or else of the last attempt.
func lastKnown(state history.State) history.Record {
	if len(state.Revisions) == 0 {
		return history.Record{}
	}
	r := &state.Revisions[0]
	if installed := state.Installed(); installed != nil {
		r = installed
	}
	return history.Record{Version: r.Version, Repository: r.Repository, Digest: r.Digest, Signer: r.Signer, Edited: r.Edited}
}

// Apply removes what was planned, and the records. As long as something stays that was
// to go, the records stay, too, and the same again goes on.
func (u *uninstalling) Apply(ctx context.Context, wait Wait) (err error) {
	j := u.options.Journal
	var event func(apply.Event)
	event, wait.Waiting = j.listen(wait.Waiting)
	o, err := begin(ctx, u.cluster, u.Plan, history.Record{Schema: history.Schema, Action: "uninstall", Version: u.version}, u.options.Holder, wait)
	if err != nil {
		return err
	}
	j.begins(o.lock.Number())
	defer func() { j.finished(err) }()
	outcome := o.apply(ctx, event)
	if outcome == nil && wait.Wanted {
		outcome = o.applier.Gone(ctx)
	}
	return o.finish(ctx, outcome)
}
