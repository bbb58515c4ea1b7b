package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// awaitDefinitions waits until the kinds of the first stage are served, then has a
// dry run of what could not be checked before.
func awaitDefinitions(ctx context.Context, a *Applier) error {
	for _, e := range a.plan.Entries {
		if e.Applies() && e.Is("apiextensions.k8s.io", "CustomResourceDefinition") && e.Action != plan.Unchanged {
			if err := awaitEstablished(ctx, a, e.Ref); err != nil {
				return err
			}
		}
	}
	a.Reset()
	late := slices.DeleteFunc(slices.Clone(a.plan.Entries), func(e plan.Entry) bool {
		return !e.Offline || e.Guarded || e.Action == plan.Replaced || e.Stage() == plan.Definitions || !a.plan.Staged(e)
	})
	var group errgroup.Group
	group.SetLimit(api.Parallel)
	for _, e := range late {
		group.Go(func() error { return checkLate(ctx, a, e) })
	}
	return group.Wait()
}

func checkLate(ctx context.Context, a *Applier, e plan.Entry) error {
	err := retryUnready(ctx, a, e, func() error {
		p := a.plan.Patch(e.Ref, e.UID)
		p.DryRun = true
		_, _, err := a.ServerSideApply(ctx, p)
		return err
	})
	if a.plan.Awaits(e.Ref, err) {
		return nil // the stage that applies it waits for that
	}
	if err != nil {
		refusal := plan.Refusal{Ref: e.Ref, Source: e.Source, Reason: err.Error()}
		return &api.Error{Text: a.plan.Scrub("checking " + refusal.String()), Cause: err}
	}
	return nil
}

// awaitEstablished waits until the server serves a CRD.
func awaitEstablished(ctx context.Context, a *Applier, ref api.Ref) error {
	ctx, cancel := a.clock.Context(ctx)
	defer cancel()
	resource := a.plan.Patch(ref, "").Resource
	served, refused := false, false
	err := api.Polling(10*time.Millisecond, time.Second).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		live, err := a.Get(ctx, resource, ref)
		served = object.Condition(live, "Established") == "True"
		refused = object.Condition(live, "NamesAccepted") == "False"
		return served || refused, err
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return api.Fault(fmt.Sprintf("%s is not established after %s", ref, a.clock.Limit), api.ErrTimeout)
	case err != nil:
		return fmt.Errorf("waiting for %s: %w", ref, err)
	case !served:
		return api.Fault(fmt.Sprintf("%s: its names are taken by another one", ref), api.ErrConflict)
	}
	return nil
}

// applyAggregated applies the objects of the APIs that servers of the plan answer for, last of
// all: everything else may be what such a server needs.
func applyAggregated(ctx context.Context, a *Applier) error {
	written := false
	for _, e := range a.plan.Entries {
		if !e.Applies() || a.plan.Staged(e) {
			continue
		}
		r, err := answered(ctx, a, e)
		if err != nil {
			return err
		}
		if a.plan, e, err = a.plan.WithKind(e, r); err != nil {
			return err
		}
		if written = true; !r.Namespaced { // the record has to say where it will be
			if err := a.done(ctx); err != nil {
				return err
			}
		}
		if err := a.one(ctx, e); err != nil {
			return err
		}
	}
	if !written {
		return nil
	}
	return a.done(ctx)
}

// answered waits until the server of an API answers for the kind of an object.
func answered(ctx context.Context, a *Applier, e plan.Entry) (r api.Resource, err error) {
	group, version := api.SplitVersion(e.APIVersion)
	service := api.Ref{APIVersion: "apiregistration.k8s.io/v1", Kind: "APIService", Name: version + "." + group}
	told := ""
	err = a.clock.Polling(a.ready.Poll, 8*a.ready.Poll).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		a.Reset()
		all, err := a.AllKinds(ctx)
		if err != nil {
			return false, err
		}
		if all.Has(e.APIVersion) {
			r, err = a.Resource(ctx, e.APIVersion, e.Kind)
			if err == nil && told != "" {
				a.tell(ready.Waiting{Ref: e.Ref})
			}
			return true, err
		}
		waiting, err := ready.Readiness(ctx, a.Client, []api.Ref{service})
		if err != nil {
			return false, err
		}
		why := fmt.Sprintf("%s does not answer for it yet", service)
		if waiting[0].Why != "" {
			why += ": " + a.plan.Scrub(waiting[0].Why)
		}
		if a.clock.Expired() {
			return false, tooLate(ctx, a, ready.Waiting{Ref: e.Ref, Why: why})
		}
		if why != told {
			told = why
			a.tell(ready.Waiting{Ref: e.Ref, Why: why})
		}
		return false, nil
	})
	return r, err
}
