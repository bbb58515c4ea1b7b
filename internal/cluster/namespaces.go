package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// nsState is what a namespace is like before the plan.
type nsState int

const (
	nsThere nsState = iota
	nsComing
	nsMissing
	nsTerminating
)

// lookAtNamespaces finds out which namespaces are there, which come with the
// plan, and which can take nothing.
func (p *planner) lookAtNamespaces(ctx context.Context, wanted []*desired) error {
	coming := p.comingNamespaces()
	names := map[string]bool{p.request.Installation.Namespace: true}
	for _, d := range wanted {
		if d.ref.is("", "Namespace") {
			coming[d.ref.Name] = true
		}
		if d.resource.Namespaced {
			names[d.ref.Namespace] = true
		}
	}
	for name := range names {
		state, err := p.namespaceState(ctx, name)
		if err != nil {
			return err
		}
		if state == nsMissing {
			state = p.whereFrom(name, coming[name])
		}
		p.namespaces[name] = state
	}
	return p.installationNamespace()
}

// comingNamespaces are the namespaces that plans before this one make.
func (p *planner) comingNamespaces() map[string]bool {
	coming := map[string]bool{}
	for _, before := range p.request.After {
		if before.CreateNamespace {
			coming[before.Installation.Namespace] = true
		}
		for _, d := range before.objects {
			if d.ref.is("", "Namespace") {
				coming[d.ref.Name] = true
			}
		}
	}
	return coming
}

func (p *planner) whereFrom(name string, inPlan bool) nsState {
	switch {
	case inPlan:
		return nsComing
	case name == p.request.Installation.Namespace && p.request.CreateNamespace:
		p.plan.CreateNamespace = true
		return nsComing
	}
	return nsMissing
}

// installationNamespace refuses a plan without a place for its record, even if
// no object lies there.
func (p *planner) installationNamespace() error {
	name := p.request.Installation.Namespace
	reason := namespaceReason(name, p.namespaces[name])
	if reason != "" {
		ref := Ref{APIVersion: "v1", Kind: "Namespace", Name: name}
		p.plan.Refusals = append(p.plan.Refusals, Refusal{Ref: ref, Code: CodeNamespace, Reason: reason})
	}
	return nil
}

func namespaceReason(name string, state nsState) string {
	switch state {
	case nsMissing:
		return fmt.Sprintf("there is no namespace %s (--create-namespace makes it)", name)
	case nsTerminating:
		return fmt.Sprintf("the namespace %s is being deleted", name)
	}
	return ""
}

// namespaceState looks at a namespace. Whoever may not look is told that it is
// there: the dry run knows better.
func (c *Cluster) namespaceState(ctx context.Context, name string) (nsState, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: "/api/v1/namespaces/" + name})
	switch {
	case errors.Is(err, ErrNotFound):
		return nsMissing, nil
	case errors.Is(err, ErrForbidden):
		return nsThere, nil
	case err != nil:
		return nsThere, fmt.Errorf("looking at namespace %s: %w", name, err)
	}
	o, err := a.object()
	if text(o, "status", "phase") == "Terminating" || text(o, "metadata", "deletionTimestamp") != "" {
		return nsTerminating, err
	}
	return nsThere, err
}
