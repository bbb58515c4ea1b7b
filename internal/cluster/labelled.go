package cluster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"golang.org/x/sync/errgroup"
)

// Labelled finds what carries the labels of an installation: objects of all kinds
// that the server lists, in all namespaces, or in the installation's where we may
// not list all. Why says what holds an object that is being deleted. Kinds that we
// may not list, or whose server is away, are left out.
func (c *Cluster) Labelled(ctx context.Context, i Installation) ([]Waiting, error) {
	var found []Waiting
	err := c.eachLabelled(ctx, i, func(ref Ref, item map[string]any) {
		found = append(found, Waiting{Ref: ref, Why: whyThere(item)})
	})
	slices.SortFunc(found, func(a, b Waiting) int { return a.Ref.compare(b.Ref) })
	return found, err
}

// Left finds what an installation left behind that is no more: what carries its labels
// and that no controller made. Without a record nothing says which objects they were,
// so they count as planned ones do: deleted is what the installation's field manager
// has made, and claims that an uninstall marked; the rest is named and stays.
func (c *Cluster) Left(ctx context.Context, i Installation) ([]Item, error) {
	var found []Item
	err := c.eachLabelled(ctx, i, func(ref Ref, item map[string]any) {
		if len(list(item, "metadata", "ownerReferences")) == 0 {
			left := text(item, "metadata", "annotations", noteLeft)
			found = append(found, Item{Ref: ref, UID: left, Planned: left == ""})
		}
	})
	slices.SortFunc(found, func(a, b Item) int { return a.Ref.compare(b.Ref) })
	return found, err
}

// eachLabelled calls do with what carries the labels, each object once, one at a time.
func (c *Cluster) eachLabelled(ctx context.Context, i Installation, do func(Ref, map[string]any)) error {
	c.Reset()
	all, err := c.listable(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	seen := map[string]bool{} // by UID: an object may be listed as several kinds
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, r := range all {
		group.Go(func() error {
			items, err := c.labelledOf(each, r, i)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, item := range items {
				meta := dig(item, "metadata")
				if uid := text(meta, "uid"); !seen[uid] {
					seen[uid] = true
					do(r.ref(text(meta, "namespace"), text(meta, "name")), item)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func whyThere(item map[string]any) string {
	why := "it carries the installation's labels"
	if text(item, "metadata", "deletionTimestamp") != "" {
		why += ", and is being deleted"
	}
	return why + finalizers(item)
}

// listable are the kinds that can be listed, each in one version.
func (c *Client) listable(ctx context.Context) ([]Resource, error) {
	all, err := c.allKinds(ctx)
	if err != nil {
		return nil, err
	}
	var found []Resource
	for _, r := range all.byKind {
		if slices.Contains(r.Verbs, "list") {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Version, b.Version))
	})
	return slices.CompactFunc(found, func(a, b Resource) bool { return a.Group == b.Group && a.Kind == b.Kind }), nil
}

// labelledOf lists the objects of one kind that carry the labels.
func (c *Cluster) labelledOf(ctx context.Context, r Resource, i Installation) ([]map[string]any, error) {
	o := metav1.ListOptions{LabelSelector: i.selector()}
	list, err := c.listMetadata(ctx, r, "", o)
	if errors.Is(err, ErrForbidden) && r.Namespaced {
		list, err = c.listMetadata(ctx, r, i.Namespace, o)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case statusCode(err) != 0: // an answer: it cannot be listed, or not by us
		return nil, nil
	}
	return list.Items, err
}
