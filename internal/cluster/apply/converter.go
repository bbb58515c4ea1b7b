package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// applyPostponed applies the objects of a stage that wait for their converter, after all
// others of it: these may be what the converter needs.
func applyPostponed(ctx context.Context, a *Applier) error {
	late := a.late
	a.late = nil
	for _, e := range late {
		if err := applyConverted(ctx, a, e); err != nil {
			return err
		}
	}
	if len(late) == 0 {
		return nil
	}
	return a.done(ctx)
}

// applyConverted applies an object as soon as its converter answers.
func applyConverted(ctx context.Context, a *Applier, e plan.Entry) error {
	told := false
	return a.clock.Polling(a.ready.Poll, 8*a.ready.Poll).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		err := a.one(ctx, e)
		if !a.plan.Awaits(e.Ref, err) {
			if err == nil {
				a.tell(ready.Waiting{Ref: e.Ref})
			}
			return true, err
		}
		why := fmt.Sprintf("its versions are converted by %s, which does not answer yet", a.plan.Converter(e.Ref))
		if a.clock.Expired() {
			return false, tooLate(ctx, a, ready.Waiting{Ref: e.Ref, Why: why + ": " + a.plan.Scrub(object.OneLine(err.Error()))})
		}
		if !told {
			told = true
			a.tell(ready.Waiting{Ref: e.Ref, Why: why})
		}
		return false, nil
	})
}

// tooLate is the error for an object that cannot be applied in time, with the workloads
// that may be why.
func tooLate(ctx context.Context, a *Applier, w ready.Waiting) error {
	var workloads []api.Ref
	for _, e := range a.plan.Entries {
		if e.Applies() && !e.Ended && e.Stage() == plan.Workloads {
			workloads = append(workloads, e.Ref)
		}
	}
	waiting, err := ready.Readiness(ctx, a.Client, workloads)
	if err != nil {
		return err
	}
	waiting = slices.DeleteFunc(waiting, func(w ready.Waiting) bool { return w.Why == "" })
	return &ready.Error{Waiting: append(waiting, w), Timeout: true}
}

// stopConverting takes their webhooks off the CRDs of which the plan says so, before what
// answers these goes.
func stopConverting(ctx context.Context, a *Applier) error {
	for _, e := range a.plan.Entries {
		if e.Unconvert {
			if err := unconvert(ctx, a, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// retryConverted repeats what failed because an object could not be converted, once nothing
// converts the objects of its CRD any more. That is for a CRD of the installation
// alone: what answered its webhook is gone, or goes.
func retryConverted(ctx context.Context, a *Applier, ref api.Ref, do func() error) error {
	err := do()
	if !api.Unconverted(err) {
		return err
	}
	for _, e := range a.plan.Entries {
		if (e.Action != plan.Removed && e.Action != plan.Kept) || e.UID == "" || !e.Is("apiextensions.k8s.io", "CustomResourceDefinition") || !strings.HasSuffix(e.Name, "."+ref.Group()) {
			continue
		}
		if err := unconvert(ctx, a, e); err != nil {
			return err
		}
	}
	return api.Polling(50*time.Millisecond, time.Second).Until(ctx, true, true, func(context.Context) (bool, error) {
		err := do()
		if !api.Unconverted(err) || a.clock.Expired() || !a.unconverts {
			return true, err
		}
		return false, nil // the server takes a moment to notice
	})
}

// unconvert takes the webhook off a CRD of the installation. The server then changes
// nothing but the version of an object that it reads; what is stored stays.
func unconvert(ctx context.Context, a *Applier, e plan.Entry) error {
	if err := a.may(ctx); err != nil {
		return err
	}
	r, err := a.Served(ctx, e.Ref)
	if err != nil {
		return err
	}
	live, err := a.Get(ctx, r, e.Ref)
	if err != nil || live == nil || object.Text(live, "spec", "conversion", "strategy") != "Webhook" {
		return err
	}
	if reason := a.plan.Installation.Foreign(api.Item{Ref: e.Ref, UID: e.UID}, live); reason != "" {
		return api.Fault(fmt.Sprintf("%s: %s", e.Ref, reason), api.ErrConflict, api.ErrStale)
	}
	_, err = a.Merge(ctx, r, e.Ref, a.plan.Installation.Manager(), map[string]any{
		"metadata": map[string]any{"uid": e.UID, "resourceVersion": object.Text(live, "metadata", "resourceVersion")},
		"spec":     map[string]any{"conversion": map[string]any{"strategy": "None", "webhook": nil}},
	})
	if err != nil {
		return fmt.Errorf("taking the conversion webhook off %s: %w", e.Ref, err)
	}
	a.unconverts = true
	return nil
}
