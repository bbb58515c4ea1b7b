package client

import (
	"bytes"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
)

// Idle gives the revision that is installed already when Apply has nothing to do:
// the plan changes nothing, and the cluster would remember the same. Otherwise it
// is nil.
func (in *Installing) Idle() *cluster.Revision {
	if !in.plan.Idle() || !in.repeats() || in.state.Revisions[0].Status != cluster.Installed {
		return nil
	}
	return in.state.Installed()
}

// repeats reports whether the newest revision that was installed says of where its
// objects come from what the next one would say. Who signed does not count.
func (in *Installing) repeats() bool {
	had, r := in.state.Current, in.next
	return had != nil && had.Version == r.Version && had.Repository == r.Repository && had.Digest == r.Digest && had.Edited == r.Edited &&
		sameOverrides(had.Overrides, r.Overrides) && slices.Equal(had.Dependencies, r.Dependencies) &&
		had.HookDigest == r.HookDigest && had.HookValues == r.HookValues && maps.EqualFunc(had.HookFiles, r.HookFiles, bytes.Equal)
}
