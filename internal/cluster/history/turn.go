package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Turn is a cluster for oneself among those who ask for it: a Lease (coordination.k8s.io)
// that is there as long as somebody has it. It stands in nobody's way who does not ask.
type Turn struct {
	Namespace, Name string
	Holder          string // who asks: a name that nobody else has
}

// turnLife is how long nobody may have kept a turn that is believed in.
const turnLife = time.Minute

var leases = api.Resource{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease", Plural: "leases", Namespaced: true}

// Take waits until nobody else has the turn, and takes it. One that was not kept for as long
// as it says has lost its holder, by the clock of who waits. What lasts longer than patience
// is ErrBusy.
func (t Turn) Take(ctx context.Context, c *api.Client, patience time.Duration) error {
	began := time.Now()
	var seen struct {
		version string
		since   time.Time
	}
	return wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := c.Create(ctx, leases, t.Namespace, t.lease())
		if !errors.Is(err, api.ErrConflict) {
			return err == nil, err
		}
		there, err := c.Get(ctx, leases, t.ref())
		if errors.Is(err, api.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if v := object.Text(there, "metadata", "resourceVersion"); v != seen.version {
			seen.version, seen.since = v, time.Now()
		}
		switch life := time.Duration(object.Number(there, "spec", "leaseDurationSeconds")) * time.Second; {
		case time.Since(seen.since) > life:
			return false, gone(c.Delete(ctx, leases, t.ref(), object.Text(there, "metadata", "uid"), seen.version, ""))
		case time.Since(began) >= patience:
			return false, &api.Error{Classes: []error{api.ErrTimeout, api.ErrBusy}, Text: fmt.Sprintf("%s has its turn in the cluster, by Lease %s/%s", object.Text(there, "spec", "holderIdentity"), t.Namespace, t.Name)}
		}
		return false, nil
	})
}

// Keep says that the holder is still there: several times in the life of a turn.
func (t Turn) Keep(ctx context.Context, c *api.Client) error {
	there, err := c.Get(ctx, leases, t.ref())
	if err == nil && object.Text(there, "spec", "holderIdentity") != t.Holder {
		err = api.Fault("somebody else has the turn now", api.ErrConflict)
	}
	if err != nil {
		return err
	}
	_, err = c.Merge(ctx, leases, t.ref(), "", map[string]any{
		"metadata": map[string]any{"resourceVersion": object.Text(there, "metadata", "resourceVersion")}, "spec": map[string]any{"renewTime": microTime()},
	})
	return err
}

// End gives the turn back, if it is still the holder's.
func (t Turn) End(ctx context.Context, c *api.Client) error {
	there, err := c.Get(ctx, leases, t.ref())
	if err != nil || object.Text(there, "spec", "holderIdentity") != t.Holder {
		return gone(err)
	}
	return gone(c.Delete(ctx, leases, t.ref(), object.Text(there, "metadata", "uid"), "", ""))
}

// gone is err, unless it says that somebody else was faster.
func gone(err error) error {
	if errors.Is(err, api.ErrNotFound) || errors.Is(err, api.ErrConflict) {
		return nil
	}
	return err
}

func (t Turn) ref() api.Ref { return leases.RefTo(t.Namespace, t.Name) }

func (t Turn) lease() map[string]any {
	return map[string]any{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"name": t.Name, "namespace": t.Namespace},
		"spec": map[string]any{"holderIdentity": t.Holder, "leaseDurationSeconds": int64(turnLife.Seconds()), "acquireTime": microTime(), "renewTime": microTime()},
	}
}

// microTime is now, as a MicroTime of Kubernetes.
func microTime() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00") }
