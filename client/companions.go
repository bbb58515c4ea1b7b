package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// companions are the installations that may meet a need of one of them.
//
// A dependency counts where it can be reached. A Kube finds what it needs by name in
// its own namespace, so an installation there counts. One in another namespace
// counts when it serves the whole cluster: when it brought an object without a
// namespace that others use, as a definition, a StorageClass, an IngressClass or a
// webhook, or nothing but objects without a namespace. A database elsewhere is
// somebody else's.
type companions struct {
	there []history.Listed
	wide  func(api.Installation) bool // serves the whole cluster; nil: none does
}

// companionsIn gives the companions of an installation in a namespace: those in all
// namespaces, or in the own one for a user who may not see the others. What one in
// another namespace brought is read when somebody needs it.
func companionsIn(ctx context.Context, k *api.Client, namespace string) (companions, error) {
	there, err := history.NewStore(k).List(ctx, "")
	if errors.Is(err, api.ErrForbidden) {
		there, err = history.NewStore(k).List(ctx, namespace)
	}
	known := map[api.Installation]bool{}
	return companions{there, func(id api.Installation) bool {
		wide, ok := known[id]
		if !ok {
			state, err := history.NewStore(k).State(ctx, id)
			wide = err == nil && servesCluster(state.Inventory)
			known[id] = wide
		}
		return wide
	}}, err
}

// ownOnly are kinds without a namespace that serve only who brings them.
var ownOnly = []string{"Namespace", "PersistentVolume", "ClusterRole", "ClusterRoleBinding"}

// servesCluster reports whether what an installation made is for the whole cluster.
func servesCluster(made []api.Item) bool {
	inside := slices.ContainsFunc(made, func(i api.Item) bool { return i.Namespace != "" })
	outside := slices.ContainsFunc(made, func(i api.Item) bool {
		return i.Namespace == "" && (!inside || !slices.Contains(ownOnly, i.Kind))
	})
	return outside
}

// reaches reports whether an installation counts for those in a namespace.
func (c companions) reaches(id api.Installation, namespace string) bool {
	return id.Namespace == namespace || c.wide != nil && c.wide(id)
}

// meeting finds the installation that meets a need in a namespace, first there.
// Where none does, aloof is one that would if it could be reached.
func (c companions) meeting(need index.Dependency, namespace string) (at, aloof *history.Listed, err error) {
	admit, err := kube.ParseRange(need.Version)
	if err != nil {
		return nil, nil, err
	}
	var elsewhere *history.Listed
	for i, l := range c.there {
		if l.Installation.Name != need.Name || l.Installed == nil {
			continue
		}
		v, err := kube.ParseVersion(l.Installed.Version)
		switch {
		case err != nil || !admit.AdmitsInstalled(v):
		case l.Installation.Namespace == namespace:
			return &c.there[i], nil, nil
		case c.reaches(l.Installation, namespace):
			elsewhere = &c.there[i]
		default:
			aloof = &c.there[i]
		}
	}
	if elsewhere != nil {
		aloof = nil
	}
	return elsewhere, aloof, nil
}

// deserted says which installations need something that id meets now and will not
// meet any more when it is of another version, or gone: a line each. Their needs are
// what their records say.
func (c companions) deserted(id api.Installation, next *history.Revision) []string {
	after := companions{slices.Clone(c.there), c.wide}
	for i, l := range after.there {
		if l.Installation == id {
			after.there[i].Installed = next
		}
	}
	var lacks []string
	for _, l := range c.there {
		if l.Installed == nil || l.Installation == id {
			continue
		}
		for _, need := range l.Installed.Dependencies {
			if need.Name == id.Name && c.met(need, l.Installation.Namespace) && !after.met(need, l.Installation.Namespace) {
				lacks = append(lacks, fmt.Sprintf("Dependency %s of %s would no longer be satisfied.", wanted(need), l.Installation))
			}
		}
	}
	return lacks
}

// met reports whether a need in a namespace is met. A range that cannot be read is
// not.
func (c companions) met(need index.Dependency, namespace string) bool {
	at, _, err := c.meeting(need, namespace)
	return err == nil && at != nil
}

// wanted names a need, with its range if it has one.
func wanted(need index.Dependency) string {
	if need.Version == "" {
		return need.Name
	}
	return fmt.Sprintf("%s (%s)", need.Name, need.Version)
}
