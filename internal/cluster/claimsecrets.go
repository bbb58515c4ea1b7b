package cluster

import (
	"context"
	"fmt"
	"slices"
)

// A volume and the password that it was made with belong together: a database whose
// claim stays opens with no other. So where a claim stays, uninstall keeps the Secrets
// of the pods that mount it, and a plan tells which claims it found and whether these
// Secrets are still the same.

// Found is a claim that is there before anything of the installation is, and that its
// pods are going to mount.
type Found struct {
	Ref         // of the claim
	By    Ref   `json:"by"`                // whose pods mount it
	Other []Ref `json:"changed,omitempty"` // Secrets of these pods that are there and will say something else
	New   []Ref `json:"new,omitempty"`     // Secrets of these pods that are not there
}

// podSpecOf is what a workload makes pods of; nil when it makes none.
func podSpecOf(o map[string]any) map[string]any {
	switch text(o, "kind") {
	case "Pod":
		return dig(o, "spec")
	case "CronJob":
		return dig(o, "spec", "jobTemplate", "spec", "template", "spec")
	}
	return dig(o, "spec", "template", "spec")
}

// secretsIn are the names of the Secrets that pods read.
func secretsIn(spec map[string]any) []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, c := range append(list(spec, "containers"), list(spec, "initContainers")...) {
		for _, e := range list(c, "env") {
			add(text(e, "valueFrom", "secretKeyRef", "name"))
		}
		for _, e := range list(c, "envFrom") {
			add(text(e, "secretRef", "name"))
		}
	}
	for _, v := range list(spec, "volumes") {
		add(text(v, "secret", "secretName"))
		for _, s := range list(v, "projected", "sources") {
			add(text(s, "secret", "name"))
		}
	}
	return names
}

// claimsIn are the names of the claims that pods mount by name.
func claimsIn(spec map[string]any) []string {
	var names []string
	for _, v := range list(spec, "volumes") {
		if name := text(v, "persistentVolumeClaim", "claimName"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// keepSecrets lets Secrets stay that go with a claim that stays.
func (p *planner) keepSecrets() {
	if !p.plan.uninstall || p.request.Purge || p.request.Fresh != nil {
		return
	}
	entry := func(kind, namespace, name string) *Entry {
		for i := range p.plan.Entries {
			if e := &p.plan.Entries[i]; e.is("", kind) && e.Namespace == namespace && e.Name == name {
				return e
			}
		}
		return nil
	}
	for set, live := range p.going {
		spec := podSpecOf(live)
		stays := p.claimsOfGoing[set]
		for _, name := range claimsIn(spec) {
			if e := entry("PersistentVolumeClaim", set.Namespace, name); e != nil && e.Action == Kept {
				stays = append(stays, e.Ref)
			}
		}
		if len(stays) == 0 {
			continue
		}
		for _, name := range secretsIn(spec) {
			if e := entry("Secret", set.Namespace, name); e != nil && e.Action == Removed && !e.Leaving {
				e.Action, e.Reason = Kept, fmt.Sprintf("%s, which stays, was made with it", stays[0])
			}
		}
	}
}

// goes notes a workload that goes, with the claims of its own making that stay.
func (p *planner) goes(ref Ref, live map[string]any, stay []Ref) {
	if podSpecOf(live) == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.going[ref] = live
	p.claimsOfGoing[ref] = stay
}

// findClaims looks for claims that a first install finds, and for what becomes of the
// Secrets that go with them.
func (p *planner) findClaims(ctx context.Context) error {
	if p.plan.uninstall || p.request.State.Installed() != nil {
		return nil
	}
	for _, d := range p.wanted {
		spec := podSpecOf(d.value)
		if spec == nil || p.actionOf(d.ref) != Added {
			continue
		}
		there, err := p.foundBy(ctx, d, spec)
		if err != nil {
			return err
		}
		for _, claim := range there {
			f := Found{Ref: claim, By: d.ref}
			for _, name := range secretsIn(spec) {
				secret := secrets.ref(d.ref.Namespace, name)
				switch p.actionOf(secret) {
				case Changed, Replaced:
					if p.saysOther(secret) {
						f.Other = append(f.Other, secret)
					}
				case Added:
					f.New = append(f.New, secret)
				}
			}
			p.plan.Found = append(p.plan.Found, f)
		}
	}
	slices.SortFunc(p.plan.Found, func(a, b Found) int { return a.Ref.compare(b.Ref) })
	return nil
}

// saysOther reports whether a Secret will say something else under a key that it has.
func (p *planner) saysOther(secret Ref) bool {
	wanted, live := p.plan.objects[secret.key()], p.plan.live[secret.key()]
	if wanted == nil {
		return false
	}
	before := dig(live, "data")
	for key, value := range dig(wanted.value, "data") {
		if old, there := before[key]; there && old != value {
			return true
		}
	}
	return false
}

// foundBy are the claims that are there and that the pods of a new workload will mount.
func (p *planner) foundBy(ctx context.Context, d *desired, spec map[string]any) ([]Ref, error) {
	var there []Ref
	for _, name := range claimsIn(spec) {
		ref := claims.ref(d.ref.Namespace, name)
		switch p.actionOf(ref) {
		case "", Added: // in no manifest, it is somebody else's
		default:
			there = append(there, ref)
		}
	}
	if !d.ref.is("apps", "StatefulSet") {
		return there, nil
	}
	made, err := p.claimsOf(ctx, d.ref, d.value)
	if err != nil && statusCode(err) == 0 {
		return nil, fmt.Errorf("looking for claims of %s: %w", d.ref, err)
	}
	for _, claim := range made { // none for one who may not list them
		there = append(there, claims.ref(d.ref.Namespace, text(claim, "metadata", "name")))
	}
	return there, nil
}

// actionOf is what is planned for an object; "" when nothing is.
func (p *planner) actionOf(ref Ref) Action {
	for _, e := range p.plan.Entries {
		if e.key() == ref.key() {
			return e.Action
		}
	}
	return ""
}
