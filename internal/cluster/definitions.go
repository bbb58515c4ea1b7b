package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// definitionsIn waits until the kinds of the first stage are served, then has a
// dry run of what could not be checked before.
func (a *applier) definitionsIn(ctx context.Context) error {
	for _, e := range a.plan.Entries {
		if e.applies() && e.Is("apiextensions.k8s.io", "CustomResourceDefinition") && e.Action != Unchanged {
			if err := a.established(ctx, e.Ref); err != nil {
				return err
			}
		}
	}
	a.Reset()
	late := slices.DeleteFunc(slices.Clone(a.plan.Entries), func(e Entry) bool {
		return !e.Offline || e.guarded || e.Action == Replaced || stageOf(e.Ref) == Definitions || !a.plan.staged(e)
	})
	var group errgroup.Group
	group.SetLimit(api.Parallel)
	for _, e := range late {
		group.Go(func() error { return a.checkLate(ctx, e) })
	}
	return group.Wait()
}

func (a *applier) checkLate(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.Key()]
	err := a.patiently(ctx, e, func() error {
		p := a.patchOf(d, e.UID)
		p.DryRun = true
		_, _, err := a.ServerSideApply(ctx, p)
		return err
	})
	if a.plan.awaits(e.Ref, err) {
		return nil // the stage that applies it waits for that
	}
	if err != nil {
		refusal := Refusal{Ref: e.Ref, Source: e.Source, Reason: err.Error()}
		return &api.Error{Text: a.plan.mask.Scrub("checking " + refusal.String()), Cause: err}
	}
	return nil
}

// established waits until the server serves a CRD.
func (a *applier) established(ctx context.Context, ref api.Ref) error {
	ctx, cancel := a.clock.Context(ctx)
	defer cancel()
	d := a.plan.objects[ref.Key()]
	served, refused := false, false
	err := api.Polling(10*time.Millisecond, time.Second).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		live, err := a.Get(ctx, d.resource, ref)
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
func applyAggregated(ctx context.Context, a *applier) error {
	written := false
	for _, e := range a.plan.Entries {
		if !e.applies() || a.plan.staged(e) {
			continue
		}
		r, err := answered(ctx, a, e)
		if err != nil {
			return err
		}
		if !r.Namespaced && !a.plan.outward {
			return api.Fault(fmt.Sprintf("%s: its kind has no namespaces, which nobody could know before its server answered; the same command once more goes on", e.Ref), api.ErrConflict)
		}
		a.plan, e = withKind(a.plan, e, r)
		if written = true; !r.Namespaced { // the record has to say where it will be
			if err := a.staged(ctx); err != nil {
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
	return a.staged(ctx)
}

// withKind is the plan, and one of its entries, once the server of an API has said what
// the kind of that object is. One that turns out to be out of the namespace confirms the
// record, as all such objects do.
func withKind(p *Plan, e Entry, r api.Resource) (*Plan, Entry) {
	plan, d := *p, *p.objects[e.Key()]
	plan.Entries, plan.objects = slices.Clone(p.Entries), maps.Clone(p.objects)
	at := slices.IndexFunc(plan.Entries, func(o Entry) bool { return o.Key() == e.Key() })
	delete(plan.objects, e.Key())
	if d.resource = r; !r.Namespaced {
		d.ref.Namespace, d.value = "", runtime.DeepCopyJSON(d.value)
		delete(object.Map(d.value, "metadata"), "namespace")
		mark([]*desired{&d}, p.Installation, confirmation(p.objects))
	}
	e.Ref = d.ref
	plan.Entries[at], plan.objects[e.Key()] = e, &d
	return &plan, e
}

// answered waits until the server of an API answers for the kind of an object.
func answered(ctx context.Context, a *applier, e Entry) (r api.Resource, err error) {
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
		seen, err := ready.Readiness(ctx, a.Client, []api.Ref{service})
		if err != nil {
			return false, err
		}
		why := fmt.Sprintf("%s does not answer for it yet", service)
		if seen[0].Why != "" {
			why += ": " + a.plan.mask.Scrub(seen[0].Why)
		}
		if a.clock.Expired() {
			return false, a.tooLate(ctx, ready.Waiting{Ref: e.Ref, Why: why})
		}
		if why != told {
			told = why
			a.tell(ready.Waiting{Ref: e.Ref, Why: why})
		}
		return false, nil
	})
	return r, err
}
