package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// reach are the installations that may meet a need of one in a namespace: of all
// namespaces, or of the own one for a user who may not see the others.
func reach(ctx context.Context, k *cluster.Cluster, namespace string) ([]cluster.Listed, error) {
	there, err := k.List(ctx, "")
	if errors.Is(err, cluster.ErrForbidden) {
		return k.List(ctx, namespace)
	}
	return there, err
}

// moves reports whether the version of something installed changes.
func (in *Installing) moves() bool {
	had := in.state.Installed()
	return had != nil && had.Version != in.needs().version
}

// deserted says which installations need something that id meets now and will not
// meet any more when it is of another version, or gone: a line each. Their needs are
// what their records say.
func deserted(there []cluster.Listed, id cluster.Installation, next *cluster.Revision) []string {
	after := slices.Clone(there)
	for i, l := range after {
		if l.Installation == id {
			after[i].Installed = next
		}
	}
	var lacks []string
	for _, l := range there {
		if l.Installed == nil || l.Installation == id {
			continue
		}
		for _, need := range l.Installed.Dependencies {
			if need.Name == id.Name && met(need, there) && !met(need, after) {
				lacks = append(lacks, fmt.Sprintf("Dependency %s of %s would no longer be satisfied.", wanted(need), l.Installation))
			}
		}
	}
	return lacks
}

// wanted names a need, with its range if it has one.
func wanted(need index.Dependency) string {
	if need.Version == "" {
		return need.Name
	}
	return fmt.Sprintf("%s (%s)", need.Name, need.Version)
}

// met reports whether an installation, wherever it is, meets a need.
func met(need index.Dependency, there []cluster.Listed) bool {
	admit, err := kube.ParseRange(need.Version)
	return err == nil && slices.ContainsFunc(there, func(l cluster.Listed) bool {
		if l.Installation.Name != need.Name || l.Installed == nil {
			return false
		}
		v, err := kube.ParseVersion(l.Installed.Version)
		return err == nil && admit.AdmitsInstalled(v)
	})
}
