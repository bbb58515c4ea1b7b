package cluster

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Event is one thing that was done.
type Event struct {
	api.Ref
	Stage  Stage  `json:"stage"`
	Action Action `json:"action"`
	UID    string `json:"uid,omitempty"` // of what was applied
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
	waiting  func(ready.Waiting) // what is waited for between the stages, and before deletions; nil: nobody asks
	clock    *ready.Clock
	may      func(context.Context) error // before each write
	staged   func(context.Context) error // after each stage
	made     map[string]string           // UIDs by key of what was applied of the plan before

	mu        sync.Mutex
	uids      map[string]string // of what was applied, by key
	unguarded bool              // the webhooks that the plan removes are deleted
	late      []Entry           // of the stage under way: what waits for its converter

	unconverts bool // a CRD has lost its webhook
}

func (c *Cluster) newApplier(plan *Plan, progress func(Event)) *applier {
	if progress == nil {
		progress = func(Event) {}
	}
	none := func(context.Context) error { return nil }
	return &applier{Cluster: c, plan: plan, progress: progress, may: none, staged: none, uids: map[string]string{}, clock: &ready.Clock{Limit: c.pace.crd}}
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
	if err := applyAggregated(ctx, a); err != nil {
		return err
	}
	if err := a.prune(ctx); err != nil {
		return err
	}
	return a.giveUpShared(ctx)
}

// makeNamespace makes the installation's namespace, which is not the
// installation's afterwards: others may live there, too.
func (a *applier) makeNamespace(ctx context.Context) error {
	if !a.plan.CreateNamespace {
		return nil
	}
	ref := api.Namespaces.RefTo("", a.plan.Installation.Namespace)
	if err := a.may(ctx); err != nil {
		return err
	}
	_, _, err := a.ServerSideApply(ctx, api.Patch{
		Resource: api.Namespaces, Ref: ref, Manager: "kpm",
		Value: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": ref.Name}},
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
	group.SetLimit(api.Parallel)
	var failed atomic.Bool
	written := false
	for _, e := range a.plan.Entries {
		if stageOf(e.Ref) != stage || !a.plan.staged(e) {
			continue
		}
		written = written || e.Action != Unchanged
		group.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := a.one(ctx, e)
			if a.plan.awaits(e.Ref, err) {
				a.postpone(e)
				return nil
			}
			if err != nil {
				failed.Store(true)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if stage == Definitions && (written || a.plan.Unchecked()) {
		if err := a.definitionsIn(ctx); err != nil {
			return err
		}
	}
	if !written {
		return nil
	}
	if err := a.staged(ctx); err != nil {
		return err
	}
	return a.postponed(ctx)
}

// postpone notes an object that waits for its converter.
func (a *applier) postpone(e Entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.late = append(a.late, e)
}

// one applies an object.
func (a *applier) one(ctx context.Context, e Entry) error {
	err := a.write(ctx, e)
	if err != nil {
		return &api.Error{Text: a.plan.mask.Scrub(fmt.Sprintf("applying %s: %v", e.Ref, err)), Cause: err}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.progress(Event{Ref: e.Ref, Stage: stageOf(e.Ref), Action: e.Action, UID: a.uids[e.Key()]})
	return nil
}

// tell tells what is waited for.
func (a *applier) tell(w ready.Waiting) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting != nil {
		a.waiting(w)
	}
}

func (a *applier) write(ctx context.Context, e Entry) error {
	if uid, ok := a.made[e.Key()]; ok {
		a.keepUID(e.Key(), uid)
		return nil
	}
	if e.Action == Unchanged && !e.Adopted && !e.claim && !e.unsealed {
		a.keepUID(e.Key(), e.UID)
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
	if err := a.take(ctx, e); err != nil {
		return fmt.Errorf("taking fields over: %w", err)
	}
	d := a.plan.objects[e.Key()]
	var created bool
	err := a.patiently(ctx, e, func() (err error) {
		_, created, err = a.ServerSideApply(ctx, a.patchOf(d, e.UID))
		return err
	})
	if changedSince(err) {
		return &api.Error{Classes: []error{api.ErrConflict, api.ErrStale}, Text: "it is another object than the one that was planned for: " + err.Error(), Cause: err}
	}
	if err == nil && created {
		return api.Fault("it was made, not changed", api.ErrConflict)
	}
	a.keepUID(e.Key(), e.UID)
	return err
}

// patchOf applies an object of the plan: as new without a uid, and then without
// force.
func (a *applier) patchOf(d *desired, uid string) api.Patch {
	return api.Patch{
		Resource: d.resource, Ref: d.ref, Value: d.value, Manager: a.plan.Installation.Manager(),
		UID: uid, Force: uid != "" && !d.shared && (a.plan.force || d.inherits),
	}
}

// changedSince tells whether the object with the planned UID is no longer there.
// The server says 422 when there is another one and 409 when there is none.
func changedSince(err error) bool {
	if len(api.FieldConflicts(err)) > 0 {
		return false
	}
	return api.StatusCode(err) == http.StatusConflict || (api.StatusCode(err) == http.StatusUnprocessableEntity && namesUID(err))
}
