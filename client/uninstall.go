package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// Uninstalling is an installation on its way out.
type Uninstalling struct {
	ID   cluster.Installation
	Plan *cluster.Plan

	cluster *cluster.Cluster
	version string
	holder  cluster.Holder
}

// Uninstall plans to remove what is installed under a name in the namespace of k.
// Only what the installation made is deleted; claims, definitions and namespaces
// stay unless purge is set.
func (c *Client) Uninstall(ctx context.Context, k *cluster.Cluster, name string, purge bool, here cluster.Holder) (*Uninstalling, error) {
	u := &Uninstalling{ID: cluster.Installation{Namespace: k.Namespace, Name: name}, cluster: k, holder: here}
	state, err := c.settled(ctx, k, u.ID, here, false)
	if err != nil {
		return nil, err
	}
	switch {
	case len(state.Revisions) == 0:
		return nil, &NotInstalledError{u.ID}
	case state.Err != nil: // without it nobody knows what there is to remove
		return nil, state.Err
	}
	u.version = state.Revisions[0].Version
	u.Plan, err = k.PlanUninstall(ctx, cluster.Request{Installation: u.ID, State: state, Purge: purge})
	if err != nil {
		return nil, err
	}
	return u, u.Plan.Err()
}

// Question asks before objects are deleted, and says what goes with them; nil
// when none are.
func (u *Uninstalling) Question() *Question {
	with := map[cluster.Ref]string{}
	for _, n := range slices.Concat(u.Plan.CRDs, u.Plan.Volumes) {
		if !n.Stays {
			with[n.Ref] = n.Text
		}
	}
	var facts []string
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

// Apply removes what was planned, and the records.
func (u *Uninstalling) Apply(ctx context.Context, wait Wait, event func(cluster.Event)) error {
	s, err := u.cluster.Begin(ctx, u.Plan, cluster.Record{Schema: cluster.Schema, Action: "uninstall", Version: u.version}, u.holder)
	if err != nil {
		return err
	}
	outcome := s.Apply(ctx, event)
	if outcome == nil && wait.Wanted {
		outcome = u.cluster.WaitGone(ctx, u.Plan.Deleted(), wait.Timeout)
	}
	return finish(ctx, s, outcome)
}
