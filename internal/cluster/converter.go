package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// A CRD may name a webhook that converts its objects from one version to another. A
// Kube often brings both, and objects in a version that is not the stored one: these
// cannot even be tried before what answers the webhook runs.

// converters are the kinds of CRDs among objects that are converted by a webhook which
// these objects may bring: through a Service that is among them, or at a URL, of which
// nobody knows. By group and kind, with the words for who converts.
func converters(wanted []*desired) map[string]string {
	found := map[string]string{}
	for _, d := range wanted {
		if !d.ref.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
			continue
		}
		kind := object.Text(d.value, "spec", "group") + "|" + object.Text(d.value, "spec", "names", "kind")
		service, at := converterOf(d.value)
		brought := slices.ContainsFunc(wanted, func(s *desired) bool {
			return s.ref.Is("", "Service") && s.ref.Namespace == service.Namespace && s.ref.Name == service.Name
		})
		switch {
		case brought:
			found[kind] = service.String()
		case at != "":
			found[kind] = at
		}
	}
	return found
}

// converterOf is the Service, or else the URL, of the webhook that converts the
// objects of a CRD.
func converterOf(crd map[string]any) (service api.Ref, at string) {
	if object.Text(crd, "spec", "conversion", "strategy") != "Webhook" {
		return api.Ref{}, ""
	}
	client := object.Map(crd, "spec", "conversion", "webhook", "clientConfig")
	service = api.Ref{APIVersion: "v1", Kind: "Service", Namespace: object.Text(client, "service", "namespace"), Name: object.Text(client, "service", "name")}
	return service, object.Text(client, "url")
}

// awaits tells whether an error is that the webhook does not answer which the plan may
// bring for an object.
func (p *Plan) awaits(ref api.Ref, err error) bool {
	return api.Unconverted(err) && p.converters[ref.Group()+"|"+ref.Kind] != ""
}

// lookUnconverted plans an object that cannot be tried before its converter answers.
// One that is there is known by another version.
func (p *planner) lookUnconverted(ctx context.Context, d *desired) error {
	d.offline = true
	return p.lookOffline(ctx, d)
}

// postponed applies the objects of a stage that wait for their converter, after all
// others of it: these may be what the converter needs.
func (a *applier) postponed(ctx context.Context) error {
	late := a.late
	a.late = nil
	for _, e := range late {
		if err := a.whenConverted(ctx, e); err != nil {
			return err
		}
	}
	if len(late) == 0 {
		return nil
	}
	return a.staged(ctx)
}

// whenConverted applies an object as soon as its converter answers.
func (a *applier) whenConverted(ctx context.Context, e Entry) error {
	told := false
	return a.clock.Polling(a.ready.Poll, 8*a.ready.Poll).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		err := a.one(ctx, e)
		if !a.plan.awaits(e.Ref, err) {
			if err == nil {
				a.tell(ready.Waiting{Ref: e.Ref})
			}
			return true, err
		}
		why := fmt.Sprintf("its versions are converted by %s, which does not answer yet", a.plan.converters[e.Group()+"|"+e.Kind])
		if a.clock.Expired() {
			return false, a.tooLate(ctx, ready.Waiting{Ref: e.Ref, Why: why + ": " + a.plan.mask.Scrub(object.OneLine(err.Error()))})
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
func (a *applier) tooLate(ctx context.Context, w ready.Waiting) error {
	var workloads []api.Ref
	for _, e := range a.plan.Entries {
		if e.applies() && !e.passed && stageOf(e.Ref) == Workloads {
			workloads = append(workloads, e.Ref)
		}
	}
	seen, err := ready.Readiness(ctx, a.Client, workloads)
	if err != nil {
		return err
	}
	seen = slices.DeleteFunc(seen, func(w ready.Waiting) bool { return w.Why == "" })
	return &ready.Error{Waiting: append(seen, w), Timeout: true}
}

// noteConverter notes of a CRD that stays by which Service its objects are converted.
func (p *planner) noteConverter(e Entry, crd map[string]any) {
	if e.Action != Kept || e.UID == "" || !e.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
		return
	}
	if service, _ := converterOf(crd); service.Name != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.converting[e.Key()] = service
	}
}

// stopConverting plans to have the objects of CRDs that stay converted no more, when
// the plan deletes the Service that did it: the server could not read them any more,
// and no namespace that has one could be deleted.
func (p *planner) stopConverting() {
	gone := p.plan.Deleted()
	for i, e := range p.plan.Entries {
		if service, ok := p.converting[e.Key()]; ok && slices.Contains(gone, service) {
			p.plan.Entries[i].unconvert = true
			p.plan.Entries[i].Reason += fmt.Sprintf("; %s goes, so its versions are no longer converted", service)
		}
	}
}

// stopConverting does so, before what answers the webhooks goes.
func (a *applier) stopConverting(ctx context.Context) error {
	for _, e := range a.plan.Entries {
		if e.unconvert {
			if err := a.unconvert(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// freed repeats what failed because an object could not be converted, once nothing
// converts the objects of its CRD any more. That is for a CRD of the installation
// alone: what answered its webhook is gone, or goes.
func (a *applier) freed(ctx context.Context, ref api.Ref, do func() error) error {
	err := do()
	if !api.Unconverted(err) {
		return err
	}
	for _, e := range a.plan.Entries {
		if (e.Action != Removed && e.Action != Kept) || e.UID == "" || !e.Is("apiextensions.k8s.io", "CustomResourceDefinition") || !strings.HasSuffix(e.Name, "."+ref.Group()) {
			continue
		}
		if err := a.unconvert(ctx, e); err != nil {
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
func (a *applier) unconvert(ctx context.Context, e Entry) error {
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
