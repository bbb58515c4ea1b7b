package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

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

	there map[string]bool // the classes of those that are what was made, and confirm what they can
}

// Confirmed tells whether the values and hook files of the record are those that the
// objects were made with: all that tell carry the value that stands for these.
func (p Proof) Confirmed() bool { return p.bearing > 0 && p.against == 0 }

// ConfirmedWeakly tells whether there is none that tells, and all others carry it.
// What these say of workloads, of RBAC and of what is out of the namespace is little.
func (p Proof) ConfirmedWeakly() bool {
	return p.telling == 0 && p.silent > 0 && p.silentAgainst == 0
}

// vouches tells whether what is live confirms what a record says of an object. Where only
// objects that do not tell say so, who wrote them could have made others of their kinds, and
// nothing else. Where a workload says so, RBAC and custom resources still do not come with it:
// who may write workloads often may not write these.
func (p Proof) vouches(i api.Installation, e Entry) bool {
	known := p.there[class(e.Ref)]
	switch {
	case p.Confirmed():
		return known || e.Action != Added || e.Namespace != i.Namespace || !isGuarded(e.Ref)
	case p.ConfirmedWeakly():
		return known && !tells(i, e.Ref)
	}
	return false
}

// count counts a live object. made tells that it is what the record says was made, and
// values are those that confirm it.
func (p *Proof) count(i api.Installation, ref api.Ref, live map[string]any, made bool, values []string) {
	if i.OwnerOf(live) != api.Ours || isFromEarlier(ref, live) {
		return
	}
	if made {
		p.Live++
	} else {
		p.Others = append(p.Others, ref)
	}
	if object.Text(live, "metadata", "deletionTimestamp") == "" { // one on its way out goes with what it was made with
		p.hear(ref, tells(i, ref), made, inputsOf(live) != "" && (slices.Contains(values, inputsOf(live)) || slices.Contains(values, sealOf(live))))
	}
}

// hear counts what an object says by the value that it carries: that agrees with the
// record, or does not.
func (p *Proof) hear(ref api.Ref, tells, made, agrees bool) {
	switch {
	case tells && !agrees:
		p.telling, p.against = p.telling+1, p.against+1
		return
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
	if made {
		if p.there == nil {
			p.there = map[string]bool{}
		}
		p.there[class(ref)] = true
	}
}

// isFromEarlier tells whether an object is what an earlier revision left: it knows nothing of a
// later one.
func isFromEarlier(ref api.Ref, live map[string]any) bool {
	return ref.Is("", "PersistentVolumeClaim") && object.Text(live, "metadata", "annotations", api.AnnotationLeft) != "" ||
		ref.Is("", "Secret") && object.Text(live, "metadata", "annotations", AnnotationWith) != ""
}

// Prove looks at the objects that a record says were made, once each. values are
// those of kpm.sh/inputs that confirm it.
func Prove(ctx context.Context, c *api.Client, i api.Installation, items []api.Item, values ...string) (Proof, error) {
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
				proof.count(i, item.Ref, live, i.Foreign(item, live) == "", values)
			}
			return nil
		})
	}
	err := group.Wait()
	slices.SortFunc(proof.Others, api.Ref.Compare)
	return proof, err
}
