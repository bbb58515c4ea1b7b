package client

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// moves reports whether the version of something installed changes.
func (in *Installing) moves() bool {
	had := in.state.Installed()
	return had != nil && had.Version != in.needs().version
}

// deserted says which installations in reach need a version of this Kube that they
// have now and will not have, a line each. Their needs are what their records say.
func (in *Installing) deserted(there []cluster.Listed) []string {
	if !in.moves() {
		return nil
	}
	after := slices.Clone(there)
	for i, l := range after {
		if l.Installation == in.ID {
			after[i].Installed = &cluster.Revision{Version: in.needs().version}
		}
	}
	var lacks []string
	for _, l := range there {
		if l.Installed == nil || l.Installation == in.ID {
			continue
		}
		for _, need := range l.Installed.Dependencies {
			if need.Name == in.ID.Name && met(need, there) && !met(need, after) {
				lacks = append(lacks, fmt.Sprintf("Dependency %s (%s) of %s would no longer be satisfied.", need.Name, need.Version, l.Installation))
			}
		}
	}
	return lacks
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
