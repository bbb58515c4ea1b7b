package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// markClaims marks what stays although nothing wants it, and claims that go. It comes
// before the workload goes, by which alone they are found: whoever goes on after a run that
// was killed knows them by their marks.
func markClaims(ctx context.Context, a *Applier) error {
	for _, e := range a.plan.Entries {
		if !e.Unlabelled && e.With == "" {
			continue
		}
		if err := a.may(ctx); err != nil {
			return err
		}
		err := labelRemaining(ctx, a, e)
		if err != nil && !errors.Is(err, api.ErrNotFound) && (e.Action != plan.Kept || !errors.Is(err, api.ErrForbidden)) {
			return fmt.Errorf("marking %s: %w", e.Ref, err)
		}
	}
	return nil
}

// labelRemaining puts the installation's labels on an object, and its UID where it stays: without a
// record nothing else says later which it was. A Secret gets the name of the claim that it
// stays for.
func labelRemaining(ctx context.Context, a *Applier, e plan.Entry) error {
	resource, err := a.Served(ctx, e.Ref)
	if err != nil {
		return err
	}
	live, err := a.Get(ctx, resource, e.Ref)
	if err != nil || live == nil {
		return err
	}
	if object.Text(live, "metadata", "uid") != e.UID || a.plan.Installation.OwnerOf(live) == api.Theirs {
		return api.Fault(fmt.Sprintf("%s is another object than the one that was planned for", e.Ref), api.ErrConflict, api.ErrStale)
	}
	meta := map[string]any{"uid": e.UID, "resourceVersion": object.Text(live, "metadata", "resourceVersion")}
	switch {
	case e.With != "":
		meta["annotations"] = map[string]any{plan.AnnotationWith: e.With}
	case e.Action == plan.Kept:
		meta["annotations"] = map[string]any{api.AnnotationLeft: e.UID}
	}
	if e.Unlabelled {
		meta["labels"] = map[string]any{api.LabelInstallation: a.plan.Installation.Name, api.LabelNamespace: a.plan.Installation.Namespace}
	}
	_, err = a.Merge(ctx, resource, e.Ref, "", map[string]any{"metadata": meta})
	return err
}
