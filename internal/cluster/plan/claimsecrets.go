package plan

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// A volume and the password that it was made with belong together: a database whose
// claim stays opens with no other. So where a claim stays and what mounts it goes, by an
// uninstall or a release without it, the Secrets of its pods stay as long as the claim is
// there, and a plan tells which claims it found and whether these Secrets are still the
// same.

// podSpecOf is what a workload makes pods of; nil when it makes none.
func podSpecOf(o map[string]any) map[string]any {
	switch object.Text(o, "kind") {
	case "Pod":
		return object.Map(o, "spec")
	case "CronJob":
		return object.Map(o, "spec", "jobTemplate", "spec", "template", "spec")
	}
	return object.Map(o, "spec", "template", "spec")
}

// secretsIn are the names of the Secrets that pods read.
func secretsIn(spec map[string]any) []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, c := range append(object.List(spec, "containers"), object.List(spec, "initContainers")...) {
		for _, e := range object.List(c, "env") {
			add(object.Text(e, "valueFrom", "secretKeyRef", "name"))
		}
		for _, e := range object.List(c, "envFrom") {
			add(object.Text(e, "secretRef", "name"))
		}
	}
	for _, v := range object.List(spec, "volumes") {
		add(object.Text(v, "secret", "secretName"))
		for _, s := range object.List(v, "projected", "sources") {
			add(object.Text(s, "secret", "name"))
		}
	}
	return names
}

// claimsIn are the names of the claims that pods mount by name.
func claimsIn(spec map[string]any) []string {
	var names []string
	for _, v := range object.List(spec, "volumes") {
		if name := object.Text(v, "persistentVolumeClaim", "claimName"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// keepSecrets lets Secrets stay that go with a claim that stays.
func keepSecrets(p *planner) {
	if p.request.Purge || p.request.Fresh != nil {
		return
	}
	for set, live := range p.going {
		spec := podSpecOf(live)
		stays := p.claimsOfGoing[set]
		for _, name := range claimsIn(spec) {
			if e := p.entryOf(api.Claims.RefTo(set.Namespace, name)); e != nil && e.Action == Kept {
				stays = append(stays, e.Ref)
			}
		}
		if len(stays) == 0 {
			continue
		}
		for _, name := range secretsIn(spec) {
			if e := p.entryOf(api.Secrets.RefTo(set.Namespace, name)); e != nil && e.Action == Removed && !e.Leaving {
				e.Action, e.Reason, e.With = Kept, madeWith(stays[0]), stays[0].Name
				p.addVolume(Note{Ref: e.Ref, Text: "stays: " + e.Reason, Stays: true})
			}
		}
	}
}

func madeWith(claim api.Ref) string { return claim.String() + ", which stays, was made with it" }

// secretReason says why a Secret is left that an earlier plan has kept with a claim: as long as
// that is there, and nothing is purged. "" for any other object.
func secretReason(ctx context.Context, p *planner, ref api.Ref, live map[string]any) (string, error) {
	name := object.Text(live, "metadata", "annotations", AnnotationWith)
	if name == "" || !ref.Is("", "Secret") || p.request.Purge {
		return "", nil
	}
	claim := api.Claims.RefTo(ref.Namespace, name)
	there, err := p.Get(ctx, api.Claims, claim)
	if !errors.Is(err, api.ErrForbidden) && there == nil {
		return "", err
	}
	reason := madeWith(claim)
	p.addVolume(Note{Ref: ref, Text: "stays: " + reason, Stays: true})
	return reason, nil
}

// addGoing notes a workload that goes, with the claims of its own making that stay.
func addGoing(p *planner, ref api.Ref, live map[string]any, stay []api.Ref) {
	if podSpecOf(live) == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.going[ref] = live
	p.claimsOfGoing[ref] = stay
}

// findClaims looks for claims that a new workload finds, and for what becomes of the
// Secrets that go with them. Of what is installed it tells only where these do not fit.
func findClaims(ctx context.Context, p *planner) error {
	if p.plan.uninstall {
		return nil
	}
	for _, d := range p.wanted {
		spec := podSpecOf(d.value)
		if spec == nil || p.actionOf(d.ref) != Added {
			continue
		}
		there, err := foundBy(ctx, p, d, spec)
		if err != nil {
			return err
		}
		for _, claim := range there {
			f := Found{Ref: claim, By: d.ref}
			for _, name := range secretsIn(spec) {
				secret := api.Secrets.RefTo(d.ref.Namespace, name)
				switch p.actionOf(secret) {
				case Changed, Replaced:
					if saysOther(p, secret) {
						f.Other = append(f.Other, secret)
					}
				case Added:
					f.New = append(f.New, secret)
				}
			}
			if len(p.request.Past.Installed) == 0 || len(f.Other)+len(f.New) > 0 {
				p.plan.Found = append(p.plan.Found, f)
			}
		}
	}
	slices.SortFunc(p.plan.Found, func(a, b Found) int { return a.Compare(b.Ref) })
	return nil
}

// saysOther reports whether a Secret will say something else under a key that it has.
func saysOther(p *planner, secret api.Ref) bool {
	wanted, live := p.plan.objects[secret.Key()], p.plan.live[secret.Key()]
	if wanted == nil {
		return false
	}
	before := object.Map(live, "data")
	for key, value := range object.Map(wanted.value, "data") {
		if old, there := before[key]; there && !reflect.DeepEqual(old, value) {
			return true
		}
	}
	return false
}

// foundBy are the claims that are there and that the pods of a new workload will mount.
func foundBy(ctx context.Context, p *planner, d *desired, spec map[string]any) ([]api.Ref, error) {
	var there []api.Ref
	for _, name := range claimsIn(spec) {
		ref := api.Claims.RefTo(d.ref.Namespace, name)
		switch p.actionOf(ref) {
		case "", Added: // in no manifest, it is somebody else's
		default:
			there = append(there, ref)
		}
	}
	if !d.ref.Is("apps", "StatefulSet") {
		return there, nil
	}
	made, err := claimsOf(ctx, p.Client, d.ref, d.value)
	if err != nil && api.StatusCode(err) == 0 {
		return nil, fmt.Errorf("looking for claims of %s: %w", d.ref, err)
	}
	for _, claim := range made { // none for one who may not list them
		there = append(there, api.Claims.RefTo(d.ref.Namespace, object.Text(claim, "metadata", "name")))
	}
	return there, nil
}
