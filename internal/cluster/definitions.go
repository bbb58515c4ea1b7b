package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// definitionsIn waits until the kinds of the first stage are served, then has a
// dry run of what could not be checked before.
func (a *applier) definitionsIn(ctx context.Context) error {
	for _, e := range a.plan.Entries {
		if e.applies() && e.is("apiextensions.k8s.io", "CustomResourceDefinition") && e.Action != Unchanged {
			if err := a.established(ctx, e.Ref); err != nil {
				return err
			}
		}
	}
	a.Reset()
	late := slices.DeleteFunc(slices.Clone(a.plan.Entries), func(e Entry) bool {
		return !e.Offline || e.guarded || e.Action == Replaced || e.Stage() == Definitions || !a.plan.staged(e)
	})
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, e := range late {
		group.Go(func() error { return a.checkLate(ctx, e) })
	}
	return group.Wait()
}

func (a *applier) checkLate(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.key()]
	err := a.patiently(ctx, e, func() error {
		p := a.patchOf(d, e.UID)
		p.dryRun = true
		_, _, err := a.serverSideApply(ctx, p)
		return err
	})
	if a.plan.awaits(e.Ref, err) {
		return nil // the stage that applies it waits for that
	}
	if err != nil {
		refusal := Refusal{Ref: e.Ref, Source: e.Source, Reason: err.Error()}
		return &Error{Text: a.plan.mask.Scrub("checking " + refusal.String()), Cause: err}
	}
	return nil
}

// established waits until the server serves a CRD.
func (a *applier) established(ctx context.Context, ref Ref) error {
	ctx, cancel := a.clock.within(ctx)
	defer cancel()
	d := a.plan.objects[ref.key()]
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		live, err := a.get(ctx, d.resource, ref)
		if err == nil && condition(live, "Established") == "True" {
			return nil
		}
		if err == nil && condition(live, "NamesAccepted") == "False" {
			return fault(fmt.Sprintf("%s: its names are taken by another one", ref), ErrConflict)
		}
		if err == nil {
			err = sleep(ctx, pause)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return fault(fmt.Sprintf("%s is not established after %s", ref, a.clock.limit), ErrTimeout)
		}
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", ref, err)
		}
	}
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
		if !r.Namespaced {
			return fault(fmt.Sprintf("%s: its kind has no namespaces, which nobody could know before its server answered; the same command once more goes on", e.Ref), ErrConflict)
		}
		d := *a.plan.objects[e.key()]
		plan := *a.plan
		d.resource, plan.objects = r, maps.Clone(plan.objects)
		plan.objects[e.key()] = &d
		a.plan, written = &plan, true
		if err := a.one(ctx, e); err != nil {
			return err
		}
	}
	if !written {
		return nil
	}
	return a.staged(ctx)
}

// answered waits until the server of an API answers for the kind of an object.
func answered(ctx context.Context, a *applier, e Entry) (Resource, error) {
	group, version := splitVersion(e.APIVersion)
	service := Ref{APIVersion: "apiregistration.k8s.io/v1", Kind: "APIService", Name: version + "." + group}
	told := ""
	for pause := a.pace.poll; ; pause = min(pause*3/2, 8*a.pace.poll) {
		a.Reset()
		all, err := a.allKinds(ctx)
		if err != nil {
			return Resource{}, err
		}
		if all.has(e.APIVersion) {
			r, err := a.Resource(ctx, e.APIVersion, e.Kind)
			if err == nil && told != "" {
				a.tell(Waiting{Ref: e.Ref})
			}
			return r, err
		}
		seen, err := a.Look(ctx, []Ref{service})
		if err != nil {
			return Resource{}, err
		}
		why := fmt.Sprintf("%s does not answer for it yet", service)
		if seen[0].Why != "" {
			why += ": " + a.plan.mask.Scrub(seen[0].Why)
		}
		if a.clock.up() {
			return Resource{}, a.tooLate(ctx, Waiting{Ref: e.Ref, Why: why})
		}
		if why != told {
			told = why
			a.tell(Waiting{Ref: e.Ref, Why: why})
		}
		if err := sleep(ctx, min(pause, a.clock.left())); err != nil {
			return Resource{}, err
		}
	}
}

// condition is the status of a condition of the object: "True", "False",
// "Unknown" or "".
func condition(o map[string]any, name string) string {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == name {
			return text(c, "status")
		}
	}
	return ""
}
