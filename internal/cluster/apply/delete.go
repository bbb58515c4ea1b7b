package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// maxRaces is how often a change is tried that somebody else comes before.
const maxRaces = 10

// deleteObject deletes the object that was planned for. Its labels are read again, and
// the deletion is bound to what was read: who takes the labels off in between
// keeps the object.
func deleteObject(ctx context.Context, a *Applier, r api.Resource, e plan.Entry, propagation metav1.DeletionPropagation) error {
	item := api.Item{Ref: e.Ref, UID: e.UID}
	for try := 1; ; try++ {
		live, err := a.Get(ctx, r, e.Ref)
		if err != nil || live == nil {
			return err
		}
		if reason := a.plan.Installation.Foreign(item, live); reason != "" {
			return api.Fault(reason, api.ErrConflict, api.ErrStale)
		}
		if object.Text(live, "metadata", "deletionTimestamp") != "" {
			return nil
		}
		err = a.Delete(ctx, r, e.Ref, e.UID, object.Text(live, "metadata", "resourceVersion"), propagation)
		if errors.Is(err, api.ErrNotFound) {
			return nil
		}
		if !errors.Is(err, api.ErrConflict) || try == maxRaces {
			return err
		}
	}
}

// Unguard deletes the webhook configurations that the plan removes and that have the
// webhook of an error, which does not answer: they would refuse all else, too, the record
// of it first. It reports whether there were any.
func (a *Applier) Unguard(ctx context.Context, refused error) (gone bool, err error) {
	name := api.SilentWebhook(refused)
	for _, e := range a.plan.Entries {
		if e.Action != plan.Removed || !e.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration") {
			continue
		}
		r, err := a.Served(ctx, e.Ref)
		if err != nil {
			return gone, err
		}
		live, err := a.Get(ctx, r, e.Ref)
		if err != nil {
			return gone, err
		}
		if !slices.ContainsFunc(object.List(live, "webhooks"), func(hook map[string]any) bool { return object.Text(hook, "name") == name }) {
			continue
		}
		if err := deleteObject(ctx, a, r, e, metav1.DeletePropagationBackground); err != nil {
			return gone, err
		}
		gone = true
	}
	return gone, nil
}

// deleteForReplacement deletes an object and waits until it is gone. The pods of
// a StatefulSet stay, and the new one takes them over.
func deleteForReplacement(ctx context.Context, a *Applier, e plan.Entry) error {
	propagation := metav1.DeletePropagationBackground
	if e.Is("apps", "StatefulSet") {
		propagation = metav1.DeletePropagationOrphan
	}
	if err := deleteObject(ctx, a, a.plan.Patch(e.Ref, e.UID).Resource, e, propagation); err != nil {
		return fmt.Errorf("deleting it to make it again: %w", err)
	}
	err := a.ready.WaitGone(ctx, []api.Ref{e.Ref}, a.clock, a.tell)
	if late, ok := errors.AsType[*ready.Error](err); ok {
		what := "it was deleted to make it again, but "
		if e.Leaving {
			what = "it is being deleted, and was to be made again: "
		}
		return api.Fault(what+late.Stays[0].Why, errcode.With(errcode.Finalizers, nil, api.ErrTimeout))
	}
	return err
}
