package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// nsState is what a namespace is like before the plan.
type nsState int

const (
	nsThere nsState = iota
	nsComing
	nsMissing
	nsTerminating
)

// readNamespaces finds out which namespaces are there, which come with the
// plan, and which can take nothing.
func readNamespaces(ctx context.Context, p *planner, wanted []*desired) error {
	coming := comingNamespaces(p.request)
	names := map[string]bool{p.request.Installation.Namespace: true}
	for _, d := range wanted {
		if d.ref.Is("", "Namespace") {
			coming[d.ref.Name] = true
		}
		if d.resource.Namespaced {
			names[d.ref.Namespace] = true
		}
	}
	for name := range names {
		state, why, err := namespaceState(ctx, p.Client, name)
		if err != nil {
			return err
		}
		p.holding[name] = p.plan.mask.Scrub(why)
		if state == nsMissing {
			state = whereFrom(p, name, coming[name])
		}
		p.namespaces[name] = state
	}
	refuseNamespaces(p, wanted)
	return nil
}

// comingNamespaces are the namespaces that plans before this one make.
func comingNamespaces(r Request) map[string]bool {
	coming := map[string]bool{}
	for _, before := range r.After {
		if before.CreateNamespace {
			coming[before.Installation.Namespace] = true
		}
		for _, d := range before.objects {
			if d.ref.Is("", "Namespace") {
				coming[d.ref.Name] = true
			}
		}
	}
	return coming
}

func whereFrom(p *planner, name string, inPlan bool) nsState {
	switch {
	case inPlan:
		return nsComing
	case name == p.request.Installation.Namespace && p.request.CreateNamespace:
		p.plan.CreateNamespace = true
		return nsComing
	}
	return nsMissing
}

// refuseNamespaces refuses, each once, the namespaces that can take nothing: of the
// objects that would lie there, and of the record, which lies in the installation's.
func refuseNamespaces(p *planner, wanted []*desired) {
	for name, state := range p.namespaces {
		reason := namespaceReason(name, state)
		if reason == "" {
			continue
		}
		if state == nsTerminating {
			reason += p.holding[name] + ": wait until it is gone"
		}
		r := Refusal{Ref: api.Ref{APIVersion: "v1", Kind: "Namespace", Name: name}, Code: CodeNamespace, Reason: reason}
		if state == nsMissing && name == p.request.Installation.Namespace {
			r.ways = []way{{code: errcode.NoNamespace}}
		}
		if i := slices.IndexFunc(wanted, func(d *desired) bool { return d.ref.Namespace == name }); i >= 0 && name != p.request.Installation.Namespace {
			r.Source = wanted[i].source
		}
		p.plan.Refusals = append(p.plan.Refusals, r)
	}
}

func namespaceReason(name string, state nsState) string {
	switch state {
	case nsMissing:
		return "there is no namespace " + name
	case nsTerminating:
		return fmt.Sprintf("the namespace %s is being deleted", name)
	}
	return ""
}

// namespaceState reads a namespace, and finds out what holds one that goes. Whoever
// may not look is told that it is there: the dry run knows better.
func namespaceState(ctx context.Context, c *api.Client, name string) (state nsState, why string, err error) {
	o, err := c.Get(ctx, api.Namespaces, api.Namespaces.RefTo("", name))
	switch {
	case errors.Is(err, api.ErrForbidden):
		return nsThere, "", nil
	case err != nil:
		return nsThere, "", fmt.Errorf("looking at namespace %s: %w", name, err)
	case o == nil:
		return nsMissing, "", nil
	case object.Text(o, "status", "phase") == "Terminating", object.Text(o, "metadata", "deletionTimestamp") != "":
		return nsTerminating, ready.Held(o), nil
	}
	return nsThere, "", nil
}
