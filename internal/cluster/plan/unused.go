package plan

import (
	"context"
	"errors"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"

	"golang.org/x/sync/errgroup"
)

// What an installation that never came to be has made is taken away whole, also
// definitions, namespaces and claims: as long as nobody else uses them there is
// nothing to lose.

// neverInstalled tells whether no revision of the installation was ever installed.
func neverInstalled(p *planner) bool {
	return p.request.Past.Newest > 0 && len(p.request.Past.Installed) == 0
}

// Unused tells whether nobody but the installation has put anything into a live
// object that it has made. What may not be read may be something.
func Unused(ctx context.Context, c *api.Client, i api.Installation, ref api.Ref, live map[string]any) (bool, error) {
	switch {
	case ref.Is("", "PersistentVolumeClaim"):
		return object.Text(live, "status", "phase") == "Pending", nil // it was never bound
	case ref.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		return noObjectsOf(ctx, c, i, live)
	case ref.Is("", "Namespace"):
		return onlyOwnObjects(ctx, c, i, ref.Name)
	}
	return false, nil
}

// noObjectsOf tells whether there are no objects of a CRD but the installation's.
func noObjectsOf(ctx context.Context, c *api.Client, i api.Installation, crd map[string]any) (bool, error) {
	defined := map[string]api.Resource{}
	define(defined, crd)
	for _, r := range defined { // any will do: each lists all
		for _, selector := range othersThan(i) {
			none, err := none(ctx, c, r, "", selector, func(map[string]any) bool { return false })
			if err != nil || !none {
				return false, err
			}
		}
		return true, nil
	}
	return object.Condition(crd, "Established") != "True", nil
}

// othersThan are label selectors of which each object that is not the installation's
// matches one.
func othersThan(i api.Installation) []string {
	return []string{
		api.LabelInstallation + "!=" + i.Name,
		api.LabelInstallation + "=" + i.Name + "," + api.LabelNamespace + "!=" + i.Namespace,
	}
}

// onlyOwnObjects tells whether there is nothing in a namespace but what is the
// installation's, what belongs to that, and what each namespace has.
func onlyOwnObjects(ctx context.Context, c *api.Client, i api.Installation, namespace string) (bool, error) {
	all, err := c.Listable(ctx)
	if err != nil {
		return false, err
	}
	errSomething := errors.New("there is something in it")
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, r := range all {
		if !r.Namespaced || r.Kind == "Event" || r.Group == "metrics.k8s.io" {
			continue
		}
		group.Go(func() error {
			for _, selector := range othersThan(i) {
				none, err := none(each, c, r, namespace, selector, func(o map[string]any) bool { return everywhere(r, i, o) })
				if err != nil {
					return err
				}
				if !none {
					return errSomething
				}
			}
			return nil
		})
	}
	err = group.Wait()
	if errors.Is(err, errSomething) {
		return false, nil
	}
	return err == nil, err
}

// everywhere tells whether an object is one that each namespace has, a revision of
// the installation, or what another object has made.
func everywhere(r api.Resource, i api.Installation, o map[string]any) bool {
	name := object.Text(o, "metadata", "name")
	switch {
	case len(object.List(o, "metadata", "ownerReferences")) > 0:
		return true
	case r.Group == "" && r.Kind == "ConfigMap":
		return name == "kube-root-ca.crt"
	case r.Group == "" && r.Kind == "ServiceAccount":
		return name == "default"
	case r.Group == "" && r.Kind == "Secret":
		return strings.HasPrefix(name, "kpm."+i.Name+".v")
	case r.Group == "" && r.Kind == "Endpoints":
		return true // the server makes them of Services
	}
	return false
}

// none tells whether no object of a kind matches a selector, but for those that skip
// tells to leave out. It looks at the first page.
func none(ctx context.Context, c *api.Client, r api.Resource, namespace, selector string, skip func(map[string]any) bool) (bool, error) {
	page, err := c.ListMetadata(ctx, r, namespace, metav1.ListOptions{LabelSelector: selector, Limit: api.SamplePage})
	switch {
	case errors.Is(err, api.ErrNotFound):
		return true, nil
	case api.StatusCode(err) != 0:
		return false, nil
	case err != nil:
		return false, err
	}
	return page.Continue == "" && !slices.ContainsFunc(page.Items, func(o map[string]any) bool { return !skip(o) }), nil
}
