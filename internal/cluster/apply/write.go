package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// one applies an object.
func (a *Applier) one(ctx context.Context, e plan.Entry) error {
	err := a.write(ctx, e)
	if err != nil {
		return &api.Error{Text: a.plan.Scrub(fmt.Sprintf("applying %s: %v", e.Ref, err)), Cause: err}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report(Event{Ref: e.Ref, Stage: e.Stage(), Action: e.Action, UID: a.uids[e.Key()]})
	return nil
}

func (a *Applier) write(ctx context.Context, e plan.Entry) error {
	if uid, ok := a.made[e.Key()]; ok {
		a.keepUID(e.Key(), uid)
		return nil
	}
	if e.Action == plan.Unchanged && !e.Adopted && !e.Claim && !e.Unsealed {
		a.keepUID(e.Key(), e.UID)
		return nil
	}
	if err := a.may(ctx); err != nil {
		return err
	}
	if e.Action == plan.Added {
		return a.create(ctx, e)
	}
	if e.Action == plan.Replaced {
		if err := deleteForReplacement(ctx, a, e); err != nil {
			return err
		}
		return a.create(ctx, e)
	}
	if err := takeOver(ctx, a, e); err != nil {
		return fmt.Errorf("taking fields over: %w", err)
	}
	var created bool
	err := retryUnready(ctx, a, e, func() (err error) {
		_, created, err = a.ServerSideApply(ctx, a.plan.Patch(e.Ref, e.UID))
		return err
	})
	if changedSince(err) {
		return &api.Error{Classes: []error{api.ErrConflict, api.ErrStale}, Text: "it is another object than the one that was planned for: " + err.Error(), Cause: err}
	}
	if err == nil && created {
		return api.Fault("it was made, not changed", api.ErrConflict)
	}
	a.keepUID(e.Key(), e.UID)
	return err
}

// create applies an object that must not be there. Fields of others are never
// forced. If the object is there after all, it gets back what it had.
func (a *Applier) create(ctx context.Context, e plan.Entry) error {
	var after map[string]any
	var created bool
	err := retryUnready(ctx, a, e, func() (err error) {
		after, created, err = a.ServerSideApply(ctx, a.plan.Patch(e.Ref, ""))
		return err
	})
	if len(api.FieldConflicts(err)) > 0 {
		return &api.Error{Classes: []error{api.ErrConflict, api.ErrStale}, Text: "somebody made it since the plan: " + err.Error(), Cause: err}
	}
	if err != nil {
		return err
	}
	uid := object.Text(after, "metadata", "uid")
	if created {
		a.keepUID(e.Key(), uid)
		return nil
	}
	if err := a.giveUp(ctx, a.plan.Patch(e.Ref, "").Resource, e.Ref, uid); err != nil {
		return fmt.Errorf("giving up fields of an object that somebody made since the plan: %w", err)
	}
	return api.Fault("somebody made it since the plan; its fields are given up again", api.ErrConflict, api.ErrStale)
}

// retryUnready repeats do for an object whose kind or namespace is so new that not
// all of the server knows it yet, or whose webhook has to come up first.
func retryUnready(ctx context.Context, a *Applier, e plan.Entry, do func() error) error {
	return api.Polling(20*time.Millisecond, time.Second).Until(ctx, true, true, func(context.Context) (bool, error) {
		err := do()
		young := errors.Is(err, api.ErrNotFound) || (errors.Is(err, api.ErrForbidden) && e.Is("", "Pod")) || (e.Guarded && api.Unanswered(err))
		if !e.Offline || !young || a.clock.Expired() {
			return true, err
		}
		return false, nil
	})
}

// giveUp applies nothing, so that the fields that are only ours go.
func (a *Applier) giveUp(ctx context.Context, r api.Resource, ref api.Ref, uid string) error {
	meta := map[string]any{"name": ref.Name}
	if ref.Namespace != "" {
		meta["namespace"] = ref.Namespace
	}
	_, _, err := a.ServerSideApply(ctx, api.Patch{
		Resource: r, Ref: ref, Manager: a.plan.Installation.Manager(), UID: uid,
		Value: map[string]any{"apiVersion": ref.APIVersion, "kind": ref.Kind, "metadata": meta},
	})
	return err
}

// changedSince tells whether the object with the planned UID is no longer there.
// The server says 422 when there is another one and 409 when there is none.
func changedSince(err error) bool {
	if len(api.FieldConflicts(err)) > 0 {
		return false
	}
	return api.StatusCode(err) == http.StatusConflict || (api.StatusCode(err) == http.StatusUnprocessableEntity && namesUID(err))
}

// namesUID tells whether the server refused the UID of an object.
func namesUID(err error) bool {
	var status *apierrors.StatusError
	if !errors.As(err, &status) || status.ErrStatus.Details == nil {
		return false
	}
	for _, cause := range status.ErrStatus.Details.Causes {
		if cause.Field == "metadata.uid" {
			return true
		}
	}
	return false
}

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
