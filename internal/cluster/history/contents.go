package history

import (
	"context"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"

	"golang.org/x/sync/errgroup"
)

// Contents are what a namespace and the cluster itself hold.
type Contents struct {
	Server   string    `json:"server"`   // version of the API server, as it writes it
	Kubelets []string  `json:"kubelets"` // versions of the kubelets of the first nodes, each once; none where we may not list nodes
	Objects  []Content `json:"objects"`  // in the namespace, and in none; sorted
}

// Content is an object, and the installation that its labels name, as NAMESPACE/NAME.
type Content struct {
	api.Ref

	Of string `json:"of,omitempty"`
}

// someNodes are enough to tell real nodes from pretended ones.
const someNodes = 50

// ContentsOf lists the objects of all kinds in a namespace, and those in none. Events are
// left out, and kinds that we may not list.
func ContentsOf(ctx context.Context, c *api.Client, namespace string) (Contents, error) {
	c.Reset()
	all, err := c.Listable(ctx)
	if err != nil {
		return Contents{}, err
	}
	found := Contents{Server: c.Version, Kubelets: []string{}, Objects: []Content{}}
	var mu sync.Mutex
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, r := range all {
		if r.Kind == "Event" {
			continue
		}
		group.Go(func() error {
			objects, kubelets, err := contentsOf(each, c, r, namespace)
			mu.Lock()
			defer mu.Unlock()
			found.Objects, found.Kubelets = append(found.Objects, objects...), append(found.Kubelets, kubelets...)
			return err
		})
	}
	err = group.Wait()
	slices.SortFunc(found.Objects, func(a, b Content) int { return a.Compare(b.Ref) })
	slices.Sort(found.Kubelets)
	found.Kubelets = slices.Compact(found.Kubelets)
	return found, err
}

// contentsOf lists the objects of one kind; of the first nodes also their kubelets.
func contentsOf(ctx context.Context, c *api.Client, r api.Resource, namespace string) (objects []Content, kubelets []string, err error) {
	if !r.Namespaced {
		namespace = ""
	}
	node := r.Group == "" && r.Kind == "Node"
	list, o := c.ListMetadata, metav1.ListOptions{}
	if node {
		list, o = c.ListObjects, metav1.ListOptions{Limit: someNodes}
	}
	page, err := list(ctx, r, namespace, o)
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case api.StatusCode(err) != 0: // an answer: it cannot be listed, or not by us
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	}
	for _, item := range page.Items {
		meta := object.Map(item, "metadata")
		one := Content{Ref: r.RefTo(object.Text(meta, "namespace"), object.Text(meta, "name"))}
		if by := api.InstallationOf(item); by.Name != "" {
			one.Of = by.Namespace + "/" + by.Name
		}
		objects = append(objects, one)
		if version := object.Text(item, "status", "nodeInfo", "kubeletVersion"); node && version != "" {
			kubelets = append(kubelets, strings.Clone(version))
		}
	}
	return objects, kubelets, nil
}
