package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// witnessKinds are those that most installations have an object of, the most usual first.
var witnessKinds = []api.Resource{
	{Group: "apps", Version: "v1", Kind: "Deployment", Plural: "deployments", Namespaced: true},
	{Group: "apps", Version: "v1", Kind: "StatefulSet", Plural: "statefulsets", Namespaced: true},
	{Group: "apps", Version: "v1", Kind: "DaemonSet", Plural: "daemonsets", Namespaced: true},
	{Version: "v1", Kind: "Service", Plural: "services", Namespaced: true},
	{Version: "v1", Kind: "ConfigMap", Plural: "configmaps", Namespaced: true},
}

// witnessKind is the place of an object's kind among witnessKinds; -1: it is none.
func witnessKind(ref api.Ref) int {
	return slices.IndexFunc(witnessKinds, func(r api.Resource) bool {
		return r.Kind == ref.Kind && r.APIVersion() == ref.APIVersion
	})
}

// witnessOf is the object of an inventory that is asked for first, so that one list
// answers for many installations. An inventory without one has none.
func witnessOf(items []api.Item) witness {
	var best api.Item
	for _, i := range items {
		rank := witnessKind(i.Ref)
		if rank >= 0 && i.UID != "" && (best.UID == "" || rank < witnessKind(best.Ref)) {
			best = i
		}
	}
	if best.UID == "" {
		return ""
	}
	text, _ := json.Marshal(best) //nolint:errcheck // it has only texts
	return witness(text)
}

// witness is an object that a revision made, in JSON: few who list revisions ask for it.
type witness string

// item is the object; one that cannot be read is none.
func (w witness) item() api.Item {
	var i api.Item
	if json.Unmarshal([]byte(w), &i) != nil {
		return api.Item{}
	}
	return i
}

// AllUnwitnessed is Unwitnessed for the newest revision that was installed of each
// installation in a list, in its order. It lists the kinds of objects that these say to
// have made, once each, and reads only those revisions of which that shows nothing.
func (s *Store) AllUnwitnessed(ctx context.Context, listed []Listed) ([]bool, error) {
	live, err := witnesses(ctx, s, listed)
	if err != nil {
		return nil, err
	}
	found := make([]bool, len(listed))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for n, l := range listed {
		if l.Installed == nil || l.witnessed(live) {
			continue
		}
		group.Go(func() (err error) {
			record, err := s.record(each, *l.Installed, false, &budget{maxItems})
			if errors.Is(err, api.ErrDamaged) || errors.Is(err, api.ErrNotFound) || errors.Is(err, api.ErrForbidden) {
				return nil
			}
			if err == nil {
				found[n], err = Unwitnessed(each, s.Client, l.Installation, record.Inventory)
			}
			return err
		})
	}
	return found, group.Wait()
}

// witnessed tells whether its witness is among what is live.
func (l Listed) witnessed(live map[api.Ref]map[string]any) bool {
	witness := l.Installed.witness.item()
	o := live[witness.Ref]
	return o != nil && witness.UID != "" && l.Installation.Foreign(witness, o) == ""
}

// witnesses are the live objects of the kinds of which the witnesses of a list are: a kind
// of many namespaces is listed once, in all. What cannot be listed is left out.
func witnesses(ctx context.Context, s *Store, listed []Listed) (map[api.Ref]map[string]any, error) {
	wanted := make([]map[string]bool, len(witnessKinds)) // namespaces
	for _, l := range listed {
		if l.Installed == nil {
			continue
		}
		item := l.Installed.witness.item()
		kind := witnessKind(item.Ref)
		if kind < 0 || item.Check() != nil {
			continue
		}
		if wanted[kind] == nil {
			wanted[kind] = map[string]bool{}
		}
		wanted[kind][item.Namespace] = true
	}
	live := map[api.Ref]map[string]any{}
	for kind, namespaces := range wanted {
		if len(namespaces) > 1 && witnessesIn(ctx, s, kind, "", live) {
			continue
		}
		for namespace := range namespaces {
			witnessesIn(ctx, s, kind, namespace, live) // of what it could not list each is asked for by itself
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return live, nil
}

// witnessesIn adds the objects of a kind, in a namespace or with "" in all, that
// installations have, and reports whether they could be listed.
func witnessesIn(ctx context.Context, s *Store, kind int, namespace string, live map[api.Ref]map[string]any) bool {
	r := witnessKinds[kind]
	all, err := s.ListObjectMeta(ctx, r, namespace, metav1.ListOptions{LabelSelector: api.LabelInstallation, Limit: api.WholePage})
	for _, meta := range all {
		live[api.Ref{APIVersion: r.APIVersion(), Kind: r.Kind, Namespace: meta.Namespace, Name: meta.Name}] = identity(meta)
	}
	return err == nil
}

// identity is an object with what tells whose it is.
func identity(m *metav1.ObjectMeta) map[string]any {
	labels := make(map[string]any, len(m.Labels))
	for k, v := range m.Labels {
		labels[k] = v
	}
	return map[string]any{"metadata": map[string]any{"name": m.Name, "namespace": m.Namespace, "uid": string(m.UID), "labels": labels}}
}

// Unwitnessed tells whether no object in the cluster is what a record says was made:
// one with the installation's labels and the recorded UID. Where that cannot be told,
// as we may not look, it is false.
func Unwitnessed(ctx context.Context, c *api.Client, i api.Installation, items []api.Item) (bool, error) {
	for _, item := range items {
		live, err := c.Metadata(ctx, item.Ref)
		if errors.Is(err, api.ErrForbidden) {
			return false, nil
		}
		if errors.Is(err, api.ErrSilent) {
			continue // it tells nothing; others may
		}
		if err != nil {
			return false, fmt.Errorf("looking at %s: %w", item.Ref, err)
		}
		if live != nil && (i.Foreign(item, live) == "" || item.Is("", "Namespace") && object.Applied(live, i.Manager()) != nil) {
			return false, nil // of a Namespace that it shares it has fields
		}
	}
	return true, nil
}
