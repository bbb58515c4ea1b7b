package plan

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
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

// noteConverter notes of a CRD that stays by which Service its objects are converted.
func noteConverter(p *planner, e Entry, crd map[string]any) {
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
func stopConverting(p *planner) {
	gone := p.plan.Deleted()
	for i, e := range p.plan.Entries {
		if service, ok := p.converting[e.Key()]; ok && slices.Contains(gone, service) {
			p.plan.Entries[i].Unconvert = true
			p.plan.Entries[i].Reason += fmt.Sprintf("; %s goes, so its versions are no longer converted", service)
		}
	}
}
