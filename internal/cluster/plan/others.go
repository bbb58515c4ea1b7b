package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// sharing says which other installations would lose objects with a namespace or a
// CRD; "" when none would, or the object is neither. Nothing takes what is
// another's, so it stays.
func sharing(ctx context.Context, p *planner, ref api.Ref, live map[string]any) (string, error) {
	var found []string
	var err error
	switch {
	case ref.Is("", "Namespace"):
		if also := appliers(live, p.request.Installation); len(also) > 0 {
			return "it is in use by " + strings.Join(also, ", ") + " as well", nil
		}
		found, err = othersIn(ctx, p, ref.Name)
	case ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		found, err = othersOf(ctx, p, live)
	}
	if err != nil || len(found) == 0 {
		return "", err
	}
	return "with it would go what belongs to " + strings.Join(found, ", "), nil
}

// appliers are the other installations that have applied fields of a live object.
func appliers(live map[string]any, not api.Installation) []string {
	var found []string
	for _, manager := range object.Managers(live) {
		if name, ok := strings.CutPrefix(manager, "kpm:"); ok && manager != not.Manager() {
			if namespace, of, ok := strings.Cut(name, "/"); ok { // else the name was too long to be told
				name = api.Installation{Namespace: namespace, Name: of}.String()
			}
			found = append(found, name)
		}
	}
	return found
}

// othersIn are the other installations that have their records or objects in a
// namespace. Kinds that we may not list are passed over.
func othersIn(ctx context.Context, p *planner, namespace string) ([]string, error) {
	all, err := p.Listable(ctx)
	if err != nil {
		return nil, err
	}
	installed, err := p.request.Others(ctx, namespace, "")
	if err != nil && api.StatusCode(err) == 0 {
		return nil, err
	}
	found := &installations{not: p.request.Installation}
	for _, i := range installed {
		found.add(i)
	}
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, r := range all {
		if r.Namespaced {
			group.Go(func() error { return collect(each, p, r, namespace, found) })
		}
	}
	err = group.Wait()
	return found.names(), err
}

// othersOf are the other installations that have objects of a CRD.
func othersOf(ctx context.Context, p *planner, crd map[string]any) ([]string, error) {
	found := &installations{not: p.request.Installation}
	defined := map[string]api.Resource{}
	define(defined, crd)
	for _, r := range defined { // any will do: each lists all
		err := collect(ctx, p, r, "", found)
		return found.names(), err
	}
	return nil, nil
}

// collect adds the installations whose labels objects of a kind carry.
func collect(ctx context.Context, p *planner, r api.Resource, namespace string, found *installations) error {
	items, err := p.ListMetadata(ctx, r, namespace, metav1.ListOptions{LabelSelector: api.LabelInstallation + "," + api.LabelNamespace})
	if err != nil && api.StatusCode(err) == 0 {
		return err
	}
	for _, item := range items.Items {
		found.add(api.InstallationOf(item))
	}
	return nil
}

// installations are all but one, each once.
type installations struct {
	not api.Installation
	mu  sync.Mutex
	all []string
}

func (s *installations) add(i api.Installation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i != s.not && !slices.Contains(s.all, i.String()) {
		s.all = append(s.all, i.String())
	}
}

func (s *installations) names() []string {
	slices.Sort(s.all)
	return s.all
}

// isOrphaned tells whether a live object was left behind by an installation that is no
// more: a claim or a CRD that stayed when the rest went. Whoever may not read
// records in its namespace takes it for installed.
func isOrphaned(ctx context.Context, p *planner, live map[string]any) bool {
	of := api.InstallationOf(live)
	installed, err := p.request.Others(ctx, of.Namespace, of.Name)
	return err == nil && of.Check() == nil && len(installed) == 0
}

// takesBack tells whether what is in the way of an apply is the installation's own, so
// that nobody has to be asked: fields of one that left the object behind, those of a
// definition that has lost its webhook, and the value that stands for the inputs, which
// is another manager's where a backup was restored and means nothing to it.
func takesBack(i api.Installation, d *desired, live map[string]any, adopted bool, err error) bool {
	if conflictsOnlyOver(err, ".metadata.annotations."+annotationInputs) {
		return i.OwnerOf(live) == api.Ours
	}
	return conflictsOnlyWith(err, api.InstallationOf(live).Manager()) && (adopted || d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"))
}

// conflictsOnlyOver tells whether one field alone is in the way of an apply.
func conflictsOnlyOver(err error, field string) bool {
	conflicts := api.FieldConflicts(err)
	for _, c := range conflicts {
		if !strings.HasPrefix(c, field+": ") {
			return false
		}
	}
	return len(conflicts) > 0
}

// conflictsOnlyWith tells whether nobody but one manager is in the way of an
// apply.
func conflictsOnlyWith(err error, manager string) bool {
	conflicts := api.FieldConflicts(err)
	for _, c := range conflicts {
		if !strings.Contains(c, fmt.Sprintf("conflict with %q", manager)) {
			return false
		}
	}
	return len(conflicts) > 0
}

// belongs says whose an object is.
func belongs(object api.Ref, to api.Installation) string {
	text := "it belongs to " + to.String()
	if object.Namespace == "" {
		text += ", and there is only one in the cluster"
	}
	return text
}
