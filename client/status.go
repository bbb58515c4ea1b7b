package client

import (
	"context"
	"slices"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Status is how an installation stands right now.
type Status struct {
	Newest      history.Revision  `json:"newest"`
	Installed   *history.Revision `json:"installed,omitempty"`   // the newest that was installed
	Recalled    *repos.Recall     `json:"recalled,omitempty"`    // that was taken back; nil: it was not
	Unconfirmed bool              `json:"unconfirmed,omitempty"` // nothing in the cluster is what its record says was made
	Damaged     string            `json:"damaged,omitempty"`     // why the revision that is installed cannot be read, whose objects are not known then
	Ready       bool              `json:"ready"`                 // the newest revision is installed, read and confirmed, and each object ready
	Objects     []objectStatus    `json:"objects"`
}

// objectStatus is how one object stands. Why and the rest are foreign text.
type objectStatus struct {
	api.Ref
	Ready   bool           `json:"ready"`
	Why     string         `json:"why,omitempty"`     // it is not ready
	Note    string         `json:"note,omitempty"`    // it is ready, and there is more to know
	Blocked *ready.Blocked `json:"blocked,omitempty"` // more about why, for the first few

	gone bool // there is nothing to explain
}

func statusOf(ctx context.Context, c *Client, k *api.Client, id api.Installation) (*Status, error) {
	state, err := history.NewStore(k).State(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(state.Revisions) == 0 {
		return nil, &NotInstalledError{Installation: id}
	}
	refs := make([]api.Ref, len(state.Inventory))
	for i, item := range state.Inventory {
		refs[i] = item.Ref
	}
	found, err := ready.Readiness(ctx, k, refs)
	if err != nil {
		return nil, err
	}
	s := &Status{Newest: state.Revisions[0], Installed: state.Installed(), Objects: objectsOf(state, found)}
	if state.Current != nil {
		if s.Unconfirmed, err = history.Unwitnessed(ctx, k, id, state.Inventory); err != nil {
			return nil, err
		}
	}
	if state.Err != nil {
		s.Damaged = state.Err.Error()
	}
	s.Ready = s.Newest.Status == history.Installed && s.Damaged == "" && !s.Unconfirmed &&
		!slices.ContainsFunc(s.Objects, func(o objectStatus) bool { return !o.Ready })
	mask := secrets(id, state.Records()...)
	for _, w := range found {
		mask.Show(w.Finalizers...)
	}
	s.explain(ctx, k, mask)
	if all := recallsOf(ctx, c, []history.Listed{{Installation: id, Installed: s.Installed}}); len(all) > 0 {
		s.Recalled = &all[0]
	}
	return s, nil
}

// objectsOf are the objects of an installation; found[i] is what was found of
// Inventory[i].
func objectsOf(state history.State, found []ready.Waiting) []objectStatus {
	var expiring []api.Ref
	if state.Current != nil {
		expiring = ready.Expiring(state.Current.Manifests)
	}
	all := []objectStatus{}
	for i, w := range found {
		item := state.Inventory[i]
		switch {
		case w.Gone && item.Why != "":
			continue // it was to go
		case w.Gone && slices.Contains(expiring, w.Ref):
			w.Why = ""
		case w.Gone && item.Planned && item.UID == "":
			w.Why = "it was never made"
		}
		all = append(all, objectStatus{Ref: w.Ref, Ready: w.Why == "", Why: w.Why, Note: w.Note, gone: w.Gone})
	}
	return all
}
