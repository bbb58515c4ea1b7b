package plan

import (
	"context"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"

	"golang.org/x/sync/errgroup"
)

// sharing says which other installations would lose objects with a namespace or a
// CRD; "" when none would, or the object is neither. Nothing takes what is
// another's, so it stays.
func sharing(ctx context.Context, p *planner, ref api.Ref, live map[string]any) (string, error) {
	var found []string
	var err error
	switch {
	case ref.Is("", "Namespace"):
		found, err = othersIn(ctx, p, ref.Name)
	case ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		found, err = othersOf(ctx, p, live)
	}
	if err != nil || len(found) == 0 {
		return "", err
	}
	return "with it would go what belongs to " + strings.Join(found, ", "), nil
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
