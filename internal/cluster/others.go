package cluster

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
func (p *planner) sharing(ctx context.Context, ref api.Ref, live map[string]any) (string, error) {
	var found []string
	var err error
	switch {
	case ref.Is("", "Namespace"):
		found, err = p.othersIn(ctx, ref.Name)
	case ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		found, err = p.othersOf(ctx, live)
	}
	if err != nil || len(found) == 0 {
		return "", err
	}
	return "with it would go what belongs to " + strings.Join(found, ", "), nil
}

// othersIn are the other installations that have their records or objects in a
// namespace. Kinds that we may not list are passed over.
func (p *planner) othersIn(ctx context.Context, namespace string) ([]string, error) {
	all, err := p.Listable(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := p.List(ctx, namespace)
	if err != nil && api.StatusCode(err) == 0 {
		return nil, err
	}
	found := &installations{not: p.request.Installation}
	for _, l := range listed {
		found.add(l.Installation)
	}
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, r := range all {
		if r.Namespaced {
			group.Go(func() error { return p.collect(each, r, namespace, found) })
		}
	}
	err = group.Wait()
	return found.names(), err
}

// othersOf are the other installations that have objects of a CRD.
func (p *planner) othersOf(ctx context.Context, crd map[string]any) ([]string, error) {
	found := &installations{not: p.request.Installation}
	defined := map[string]api.Resource{}
	define(defined, crd)
	for _, r := range defined { // any will do: each lists all
		err := p.collect(ctx, r, "", found)
		return found.names(), err
	}
	return nil, nil
}

// collect adds the installations whose labels objects of a kind carry.
func (p *planner) collect(ctx context.Context, r api.Resource, namespace string, found *installations) error {
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
