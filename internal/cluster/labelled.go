package cluster

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Labelled finds what carries the labels of an installation: objects of all kinds
// that the server lists, in all namespaces, or in the installation's where we may
// not list all. Why says what holds an object that is being deleted. Kinds that we
// may not list, or whose server is away, are left out.
func (c *Cluster) Labelled(ctx context.Context, i Installation) ([]Waiting, error) {
	c.Reset()
	all, err := c.allKinds(ctx)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	byUID := map[string]Waiting{}
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, r := range all.listable() {
		group.Go(func() error {
			items, err := c.labelledOf(each, r, i)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, item := range items {
				meta := dig(item, "metadata")
				ref := Ref{APIVersion: joinVersion(r.Group, r.Version), Kind: r.Kind, Namespace: text(meta, "namespace"), Name: text(meta, "name")}
				byUID[text(meta, "uid")] = Waiting{Ref: ref, Why: whyThere(item)}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var found []Waiting
	for _, w := range byUID {
		found = append(found, w)
	}
	slices.SortFunc(found, func(a, b Waiting) int { return compareRefs(a.Ref, b.Ref) })
	return found, nil
}

func whyThere(item map[string]any) string {
	why := "it carries the installation's labels"
	if text(item, "metadata", "deletionTimestamp") != "" {
		why += ", and is being deleted"
	}
	return why + finalizers(item)
}

// listable are the kinds that can be listed, each in one version.
func (k *kinds) listable() []Resource {
	var found []Resource
	for _, r := range k.byKind {
		if slices.Contains(r.Verbs, "list") {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version))
	})
	return slices.CompactFunc(found, func(a, b Resource) bool { return a.Group == b.Group && a.Kind == b.Kind })
}

// labelledOf lists the objects of one kind that carry the labels.
func (c *Cluster) labelledOf(ctx context.Context, r Resource, i Installation) ([]map[string]any, error) {
	query := url.Values{"labelSelector": {LabelInstallation + "=" + i.Name + "," + LabelNamespace + "=" + i.Namespace}}
	list, err := c.metadataOf(ctx, r, "", query)
	if errors.Is(err, ErrForbidden) && r.Namespaced {
		list, err = c.metadataOf(ctx, r, i.Namespace, query)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case statusCode(err) != 0: // an answer: it cannot be listed, or not by us
		return nil, nil
	}
	return list, err
}

func (c *Cluster) metadataOf(ctx context.Context, r Resource, namespace string, query url.Values) ([]map[string]any, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: r.path(namespace, ""), query: query, accept: metadataList})
	if err != nil {
		return nil, err
	}
	page, err := a.object()
	return list(page, "items"), err
}
