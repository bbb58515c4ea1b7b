package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Proof is how far the live objects confirm what a record says. A record is written
// by whoever may write Secrets in its namespace; the objects by whoever may write
// those.
type Proof struct {
	Live   int       // objects with the installation's labels that are what the record says was made
	Others []api.Ref // with its labels, and other objects than those: of a restored backup
	Hidden int       // that we may not look at

	telling, against, bearing int // those that tell; of these that carry another value, and that are what was made and carry ours
	silent, silentAgainst     int // those that are what was made and do not tell; of these that carry another value
}

// Confirmed tells whether the values and hook files of the record are those that the
// objects were made with: all that tell carry the value that stands for these.
func (p Proof) Confirmed() bool { return p.bearing > 0 && p.against == 0 }

// ConfirmedWeakly tells whether there is none that tells, and all others carry it.
// What these say of workloads, of RBAC and of what is out of the namespace is little.
func (p Proof) ConfirmedWeakly() bool {
	return p.telling == 0 && p.silent > 0 && p.silentAgainst == 0
}

// see counts a live object. made tells that it is what the record says was made, and
// values are those that confirm it.
func (p *Proof) see(i api.Installation, ref api.Ref, live map[string]any, made bool, values []string) {
	if i.OwnerOf(live) != api.Ours || stayed(ref, live) {
		return
	}
	agrees := inputsOf(live) != "" && (slices.Contains(values, inputsOf(live)) || slices.Contains(values, sealOf(live)))
	if made {
		p.Live++
	} else {
		p.Others = append(p.Others, ref)
	}
	switch tells := tells(i, ref); {
	case object.Text(live, "metadata", "deletionTimestamp") != "": // it is on its way out, with what it was made with
	case tells && !agrees:
		p.telling, p.against = p.telling+1, p.against+1
	case tells:
		p.telling++
		if made {
			p.bearing++
		}
	case made:
		p.silent++
		if !agrees {
			p.silentAgainst++
		}
	}
}

// stayed tells whether an object is what an earlier revision left: it knows nothing of a
// later one.
func stayed(ref api.Ref, live map[string]any) bool {
	return ref.Is("", "PersistentVolumeClaim") && object.Text(live, "metadata", "annotations", noteLeft) != "" ||
		ref.Is("", "Secret") && object.Text(live, "metadata", "annotations", noteWith) != ""
}

// Prove looks at the objects that a record says were made, once each. values are
// those of kpm.sh/inputs that confirm it.
func (c *Cluster) Prove(ctx context.Context, i api.Installation, items []api.Item, values ...string) (Proof, error) {
	var proof Proof
	var mu sync.Mutex
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, item := range items {
		group.Go(func() error {
			live, err := c.Metadata(each, item.Ref)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, api.ErrForbidden):
				proof.Hidden++
			case err != nil:
				return fmt.Errorf("looking at %s: %w", item.Ref, err)
			case live != nil:
				proof.see(i, item.Ref, live, i.Foreign(item, live) == "", values)
			}
			return nil
		})
	}
	err := group.Wait()
	slices.SortFunc(proof.Others, api.Ref.Compare)
	return proof, err
}

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

// witnessOf is the object of an inventory that is looked for first, so that one list
// answers for many installations. An inventory without one has none.
func witnessOf(items []api.Item) api.Item {
	var witness api.Item
	for _, i := range items {
		rank := witnessKind(i.Ref)
		if rank >= 0 && i.UID != "" && (witness.UID == "" || rank < witnessKind(witness.Ref)) {
			witness = i
		}
	}
	return witness
}

// AllUnwitnessed is Unwitnessed for the newest revision that was installed of each
// installation in a list, in its order. It lists the kinds of objects that these say to
// have made, once each, and reads only those revisions of which that shows nothing.
func (c *Cluster) AllUnwitnessed(ctx context.Context, listed []Listed) ([]bool, error) {
	seen, err := witnesses(ctx, c, listed)
	if err != nil {
		return nil, err
	}
	found := make([]bool, len(listed))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for n, l := range listed {
		if l.Installed == nil || l.witnessed(seen) {
			continue
		}
		group.Go(func() (err error) {
			record, err := c.record(each, *l.Installed, false, &budget{maxItems})
			if errors.Is(err, api.ErrDamaged) || errors.Is(err, api.ErrNotFound) || errors.Is(err, api.ErrForbidden) {
				return nil
			}
			if err == nil {
				found[n], err = c.Unwitnessed(each, l.Installation, record.Inventory)
			}
			return err
		})
	}
	return found, group.Wait()
}

// witnessed tells whether its witness is among what is live.
func (l Listed) witnessed(live map[api.Ref]map[string]any) bool {
	witness := l.Installed.witness
	o := live[witness.Ref]
	return o != nil && witness.UID != "" && l.Installation.Foreign(witness, o) == ""
}

// witnesses are the live objects of the kinds, and in the namespaces, in which the
// witnesses of a list lie. What cannot be listed is left out.
func witnesses(ctx context.Context, c *Cluster, listed []Listed) (map[api.Ref]map[string]any, error) {
	places := map[api.Ref]bool{}
	for _, l := range listed {
		if l.Installed == nil || witnessKind(l.Installed.witness.Ref) < 0 || l.Installed.witness.Check() != nil {
			continue
		}
		place := l.Installed.witness.Ref
		place.Name = ""
		places[place] = true
	}
	live := map[api.Ref]map[string]any{}
	for place := range places {
		items, err := c.ListMetadata(ctx, witnessKinds[witnessKind(place)], place.Namespace, metav1.ListOptions{LabelSelector: api.LabelInstallation})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // each is looked for by itself
		}
		for _, o := range items.Items {
			ref := place
			ref.Name = object.Text(o, "metadata", "name")
			live[ref] = o
		}
	}
	return live, nil
}

// Unwitnessed tells whether no object in the cluster is what a record says was made:
// one with the installation's labels and the recorded UID. Where that cannot be told,
// as we may not look, it is false.
func (c *Cluster) Unwitnessed(ctx context.Context, i api.Installation, items []api.Item) (bool, error) {
	for _, item := range items {
		live, err := c.Metadata(ctx, item.Ref)
		if errors.Is(err, api.ErrForbidden) {
			return false, nil
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
