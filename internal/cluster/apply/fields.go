package apply

import (
	"context"
	"errors"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// takeOver makes fields of a live object the installation's, before it is applied.
func takeOver(ctx context.Context, a *Applier, e plan.Entry) error {
	if !a.plan.TakesOver(e.Ref) {
		return nil
	}
	resource := a.plan.Patch(e.Ref, e.UID).Resource
	for try := 1; ; try++ {
		live, err := a.Get(ctx, resource, e.Ref)
		if err != nil {
			return err
		}
		if object.Text(live, "metadata", "uid") != e.UID {
			return api.Fault("it is another object than the one that was planned for", api.ErrConflict, api.ErrStale)
		}
		managed, changed := a.plan.ManagedFields(e.Ref, live, a.Now())
		if !changed {
			return nil
		}
		_, err = a.Merge(ctx, resource, e.Ref, "", map[string]any{
			"metadata": map[string]any{"uid": e.UID, "resourceVersion": object.Text(live, "metadata", "resourceVersion"), "managedFields": managed},
		})
		if err == nil || !errors.Is(err, api.ErrConflict) || try == maxRaces {
			return err
		}
	}
}
