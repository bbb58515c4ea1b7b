package history

import (
	"context"
	"errors"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"

	"golang.org/x/sync/errgroup"
)

// Labelled finds what carries the labels of an installation: objects of all kinds
// that the server lists, in all namespaces, or in the installation's where we may
// not list all. Why says what holds an object that is being deleted. Kinds that we
// may not list, or whose server is away, are left out.
func Labelled(ctx context.Context, c *api.Client, i api.Installation) ([]api.Item, error) {
	var found []api.Item
	err := eachLabelled(ctx, c, i, func(ref api.Ref, item map[string]any) {
		found = append(found, api.Item{Ref: ref, Why: labelledReason(item)})
	})
	slices.SortFunc(found, func(a, b api.Item) int { return a.Compare(b.Ref) })
	return found, err
}

// Orphans finds what an installation left behind that is no more: what carries its labels
// and that no controller made. Without a record nothing says which objects they were,
// so they count as planned ones do: deleted is what the installation's field manager
// has made, and claims that an uninstall marked; the rest is named and stays.
func Orphans(ctx context.Context, c *api.Client, i api.Installation) ([]api.Item, error) {
	var found []api.Item
	err := eachLabelled(ctx, c, i, func(ref api.Ref, item map[string]any) {
		if len(object.List(item, "metadata", "ownerReferences")) == 0 {
			uid := object.Text(item, "metadata", "annotations", api.AnnotationLeft)
			found = append(found, api.Item{Ref: ref, UID: uid, Planned: uid == ""})
		}
	})
	slices.SortFunc(found, func(a, b api.Item) int { return a.Compare(b.Ref) })
	return found, err
}

// eachLabelled calls do with what carries the labels, each object once, one at a time.
func eachLabelled(ctx context.Context, c *api.Client, i api.Installation, do func(api.Ref, map[string]any)) error {
	c.Reset()
	all, err := c.Listable(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	known := map[string]bool{} // by UID: an object may be listed as several kinds
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, r := range all {
		group.Go(func() error {
			items, err := labelledOf(each, c, r, i)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, item := range items {
				meta := object.Map(item, "metadata")
				if uid := object.Text(meta, "uid"); !known[uid] {
					known[uid] = true
					do(r.RefTo(object.Text(meta, "namespace"), object.Text(meta, "name")), item)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func labelledReason(item map[string]any) string {
	why := "it carries the installation's labels"
	if object.Text(item, "metadata", "deletionTimestamp") != "" {
		why += ", and is being deleted"
	}
	return why + object.Finalizers(item)
}

// labelledOf lists the objects of one kind that carry the labels.
func labelledOf(ctx context.Context, c *api.Client, r api.Resource, i api.Installation) ([]map[string]any, error) {
	o := metav1.ListOptions{LabelSelector: i.Selector()}
	list, err := c.ListMetadata(ctx, r, "", o)
	if errors.Is(err, api.ErrForbidden) && r.Namespaced {
		list, err = c.ListMetadata(ctx, r, i.Namespace, o)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case api.StatusCode(err) != 0: // an answer: it cannot be listed, or not by us
		return nil, nil
	}
	return list.Items, err
}
