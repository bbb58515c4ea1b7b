package cluster

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A CRD may name a webhook that converts its objects from one version to another. A
// Kube often brings both, and objects in a version that is not the stored one: these
// cannot even be tried before what answers the webhook runs.

// unconverted tells whether the server could not convert an object because the webhook
// of its CRD does not answer. The text is the API server's; there is no code for it.
func unconverted(err error) bool {
	return statusCode(err) == http.StatusInternalServerError && strings.Contains(err.Error(), "conversion webhook for ")
}

// converters are the kinds of CRDs among objects that are converted by a webhook which
// these objects may bring: through a Service that is among them, or at a URL, of which
// nobody knows. By group and kind, with the words for who converts.
func converters(wanted []*desired) map[string]string {
	found := map[string]string{}
	for _, d := range wanted {
		if !d.ref.is("apiextensions.k8s.io", "CustomResourceDefinition") {
			continue
		}
		kind := text(d.value, "spec", "group") + "|" + text(d.value, "spec", "names", "kind")
		service, at := converterOf(d.value)
		brought := slices.ContainsFunc(wanted, func(s *desired) bool {
			return s.ref.is("", "Service") && s.ref.Namespace == service.Namespace && s.ref.Name == service.Name
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
func converterOf(crd map[string]any) (service Ref, at string) {
	if text(crd, "spec", "conversion", "strategy") != "Webhook" {
		return Ref{}, ""
	}
	client := dig(crd, "spec", "conversion", "webhook", "clientConfig")
	service = Ref{APIVersion: "v1", Kind: "Service", Namespace: text(client, "service", "namespace"), Name: text(client, "service", "name")}
	return service, text(client, "url")
}

// awaits tells whether an error is that the webhook does not answer which the plan may
// bring for an object.
func (p *Plan) awaits(ref Ref, err error) bool {
	return unconverted(err) && p.converters[ref.group()+"|"+ref.Kind] != ""
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
	for pause := a.pace.poll; ; pause = min(pause*3/2, 8*a.pace.poll) {
		err := a.one(ctx, e)
		if !a.plan.awaits(e.Ref, err) {
			if err == nil {
				a.tell(Waiting{Ref: e.Ref})
			}
			return err
		}
		why := fmt.Sprintf("its versions are converted by %s, which does not answer yet", a.plan.converters[e.group()+"|"+e.Kind])
		if a.clock.up() {
			return a.tooLate(ctx, Waiting{Ref: e.Ref, Why: why + ": " + a.plan.mask.Scrub(oneLine(err.Error()))})
		}
		if !told {
			told = true
			a.tell(Waiting{Ref: e.Ref, Why: why})
		}
		if err := sleep(ctx, min(pause, a.clock.left())); err != nil {
			return err
		}
	}
}

// tooLate is the error for an object that cannot be applied in time, with the workloads
// that may be why.
func (a *applier) tooLate(ctx context.Context, w Waiting) error {
	var workloads []Ref
	for _, e := range a.plan.Entries {
		if e.applies() && !e.passed && e.Stage() == Workloads {
			workloads = append(workloads, e.Ref)
		}
	}
	seen, err := a.Look(ctx, workloads)
	if err != nil {
		return err
	}
	seen = slices.DeleteFunc(seen, func(w Waiting) bool { return w.Why == "" })
	return &WaitError{Waiting: append(seen, w), class: ErrTimeout}
}

// noteConverter notes of a CRD that stays by which Service its objects are converted.
func (p *planner) noteConverter(e Entry, crd map[string]any) {
	if e.Action != Kept || e.UID == "" || !e.is("apiextensions.k8s.io", "CustomResourceDefinition") {
		return
	}
	if service, _ := converterOf(crd); service.Name != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.converting[e.key()] = service
	}
}

// stopConverting plans to have the objects of CRDs that stay converted no more, when
// the plan deletes the Service that did it: the server could not read them any more,
// and no namespace that has one could be deleted.
func (p *planner) stopConverting() {
	gone := p.plan.Deleted()
	for i, e := range p.plan.Entries {
		if service, ok := p.converting[e.key()]; ok && slices.Contains(gone, service) {
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
func (a *applier) freed(ctx context.Context, ref Ref, do func() error) error {
	err := do()
	if !unconverted(err) {
		return err
	}
	for _, e := range a.plan.Entries {
		if (e.Action != Removed && e.Action != Kept) || e.UID == "" || !e.is("apiextensions.k8s.io", "CustomResourceDefinition") || !strings.HasSuffix(e.Name, "."+ref.group()) {
			continue
		}
		if err := a.unconvert(ctx, e); err != nil {
			return err
		}
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err = do()
		if !unconverted(err) || a.clock.up() || !a.unconverts {
			return err
		}
		if err := sleep(ctx, pause); err != nil { // the server takes a moment to notice
			return err
		}
	}
}

// unconvert takes the webhook off a CRD of the installation. The server then changes
// nothing but the version of an object that it reads; what is stored stays.
func (a *applier) unconvert(ctx context.Context, e Entry) error {
	if err := a.may(ctx); err != nil {
		return err
	}
	r, err := a.served(ctx, e.Ref)
	if err != nil {
		return err
	}
	live, err := a.get(ctx, r, e.Ref)
	if err != nil || live == nil || text(live, "spec", "conversion", "strategy") != "Webhook" {
		return err
	}
	if reason := a.plan.Installation.foreign(Item{Ref: e.Ref, UID: e.UID}, live); reason != "" {
		return fault(fmt.Sprintf("%s: %s", e.Ref, reason), ErrConflict, ErrStale)
	}
	_, err = a.merge(ctx, r, e.Ref, a.plan.Installation.Manager(), map[string]any{
		"metadata": map[string]any{"uid": e.UID, "resourceVersion": text(live, "metadata", "resourceVersion")},
		"spec":     map[string]any{"conversion": map[string]any{"strategy": "None", "webhook": nil}},
	})
	if err != nil {
		return fmt.Errorf("taking the conversion webhook off %s: %w", e.Ref, err)
	}
	a.unconverts = true
	return nil
}
