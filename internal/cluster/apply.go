package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Event is one thing that was done.
type Event struct {
	Ref
	Stage  Stage  `json:"stage"`
	Action Action `json:"action"`
}

// Apply does what the plan says, without a record of it. It is for what is not
// an installation, such as the Jobs of a test; see [Session.Apply] for the rest.
// progress may be nil; it is called by one goroutine at a time.
func (c *Cluster) Apply(ctx context.Context, plan *Plan, progress func(Event)) error {
	return c.newApplier(plan, progress).run(ctx)
}

// applier applies one plan.
type applier struct {
	*Cluster
	plan     *Plan
	progress func(Event)
	may      func(context.Context) error // before each write
	staged   func(context.Context) error // after each stage

	mu   sync.Mutex
	uids map[string]string // of what was applied, by key
}

func (c *Cluster) newApplier(plan *Plan, progress func(Event)) *applier {
	if progress == nil {
		progress = func(Event) {}
	}
	none := func(context.Context) error { return nil }
	return &applier{Cluster: c, plan: plan, progress: progress, may: none, staged: none, uids: map[string]string{}}
}

func (a *applier) run(ctx context.Context) error {
	if err := a.plan.Err(); err != nil {
		return err
	}
	if err := a.makeNamespace(ctx); err != nil {
		return err
	}
	for stage := Definitions; stage <= Webhooks; stage++ {
		if err := a.stage(ctx, stage); err != nil {
			return err
		}
	}
	return a.prune(ctx)
}

// makeNamespace makes the installation's namespace, which is not the
// installation's afterwards: others may live there, too.
func (a *applier) makeNamespace(ctx context.Context) error {
	if !a.plan.CreateNamespace {
		return nil
	}
	ref := Ref{APIVersion: "v1", Kind: "Namespace", Name: a.plan.Installation.Namespace}
	if err := a.may(ctx); err != nil {
		return err
	}
	_, _, err := a.apply(ctx, patch{
		resource: Resource{Version: "v1", Kind: "Namespace", Plural: "namespaces"}, ref: ref, manager: "kpm",
		value: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": ref.Name}},
	})
	if err != nil {
		return fmt.Errorf("making %s: %w", ref, err)
	}
	return nil
}

// stage applies the objects of a stage. After the first error no other object is
// begun; those under way are finished.
func (a *applier) stage(ctx context.Context, stage Stage) error {
	var group errgroup.Group
	group.SetLimit(parallel)
	var failed atomic.Bool
	written := false
	for _, e := range a.plan.Entries {
		if !e.applies() || e.Stage() != stage {
			continue
		}
		written = written || e.Action != Unchanged
		group.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := a.one(ctx, e)
			if err != nil {
				failed.Store(true)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil || !written {
		return err
	}
	if stage == Definitions {
		if err := a.definitionsIn(ctx); err != nil {
			return err
		}
	}
	return a.staged(ctx)
}

// one applies an object.
func (a *applier) one(ctx context.Context, e Entry) error {
	err := a.write(ctx, e)
	if err != nil {
		return &Error{Text: a.plan.mask.Scrub(fmt.Sprintf("applying %s: %v", e.Ref, err)), Cause: err}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress(Event{Ref: e.Ref, Stage: e.Stage(), Action: e.Action})
	return nil
}

func (a *applier) write(ctx context.Context, e Entry) error {
	if e.Action == Unchanged && !e.Adopted && !e.claim {
		a.keepUID(e.key(), e.UID)
		return nil
	}
	if err := a.may(ctx); err != nil {
		return err
	}
	if e.Action == Added {
		return a.create(ctx, e)
	}
	if e.Action == Replaced {
		if err := a.deleteForReplacement(ctx, e); err != nil {
			return err
		}
		return a.create(ctx, e)
	}
	d := a.plan.objects[e.key()]
	var created bool
	err := a.patiently(ctx, e, func() (err error) {
		_, created, err = a.apply(ctx, a.patchOf(d, e.UID))
		return err
	})
	if changedSince(err) {
		return &Error{Classes: []error{ErrConflict, ErrStale}, Text: "it is another object than the one that was planned for: " + err.Error(), Cause: err}
	}
	if err == nil && created {
		return fault("it was made, not changed", ErrConflict)
	}
	a.keepUID(e.key(), e.UID)
	return err
}

// patchOf applies an object of the plan: as new without a uid, and then without
// force.
func (a *applier) patchOf(d *desired, uid string) patch {
	return patch{
		resource: d.resource, ref: d.ref, value: d.value, manager: a.plan.Installation.Manager(),
		uid: uid, force: uid != "" && a.plan.force,
	}
}

// changedSince tells whether the object with the planned UID is no longer there.
// The server says 422 when there is another one and 409 when there is none.
func changedSince(err error) bool {
	if len(fieldConflicts(err)) > 0 {
		return false
	}
	return statusCode(err) == http.StatusConflict || (statusCode(err) == http.StatusUnprocessableEntity && namesUID(err))
}

// create applies an object that must not be there. Fields of others are never
// forced. If the object is there after all, it gets back what it had.
func (a *applier) create(ctx context.Context, e Entry) error {
	d := a.plan.objects[e.key()]
	var after map[string]any
	var created bool
	err := a.patiently(ctx, e, func() (err error) {
		after, created, err = a.apply(ctx, a.patchOf(d, ""))
		return err
	})
	if len(fieldConflicts(err)) > 0 {
		return &Error{Classes: []error{ErrConflict, ErrStale}, Text: "somebody made it since the plan: " + err.Error(), Cause: err}
	}
	if err != nil {
		return err
	}
	if created {
		a.keepUID(e.key(), text(after, "metadata", "uid"))
		return nil
	}
	if err := a.giveUp(ctx, d, text(after, "metadata", "uid")); err != nil {
		return fmt.Errorf("giving up fields of an object that somebody made since the plan: %w", err)
	}
	return fault("somebody made it since the plan; its fields are given up again", ErrConflict, ErrStale)
}

// giveUp applies nothing, so that the fields that are only ours go.
func (a *applier) giveUp(ctx context.Context, d *desired, uid string) error {
	meta := map[string]any{"name": d.ref.Name}
	if d.ref.Namespace != "" {
		meta["namespace"] = d.ref.Namespace
	}
	_, _, err := a.apply(ctx, patch{
		resource: d.resource, ref: d.ref, manager: a.plan.Installation.Manager(), uid: uid,
		value: map[string]any{"apiVersion": d.ref.APIVersion, "kind": d.ref.Kind, "metadata": meta},
	})
	return err
}

// patiently repeats do for an object whose kind or namespace is so new that not
// all of the server knows it yet.
func (a *applier) patiently(ctx context.Context, e Entry, do func() error) error {
	deadline := time.Now().Add(a.pace.crd)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := do()
		young := errors.Is(err, ErrNotFound) || (errors.Is(err, ErrForbidden) && e.is("", "Pod"))
		if !e.Offline || !young || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (a *applier) keepUID(key, uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uids[key] = uid
}

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
	late := slices.DeleteFunc(slices.Clone(a.plan.Entries), func(e Entry) bool { return !e.Offline || e.Action == Replaced || e.Stage() == Definitions })
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
		_, _, err := a.apply(ctx, p)
		return err
	})
	if err != nil {
		return &Error{Text: a.plan.mask.Scrub(fmt.Sprintf("checking %s: %v", e.Ref, err)), Cause: err}
	}
	return nil
}

// established waits until the server serves a CRD.
func (a *applier) established(ctx context.Context, ref Ref) error {
	ctx, cancel := context.WithTimeout(ctx, a.pace.crd)
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
			return fault(fmt.Sprintf("%s is not established after %s", ref, a.pace.crd), ErrTimeout)
		}
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", ref, err)
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
