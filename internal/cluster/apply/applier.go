package apply

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Event is one thing that was done.
type Event struct {
	api.Ref
	Stage  plan.Stage  `json:"stage"`
	Action plan.Action `json:"action"`
	UID    string      `json:"uid,omitempty"` // of what was applied
}

// Applier does what one plan says, and knows what it has done by then. It writes no
// record of it.
type Applier struct {
	*api.Client
	ready *ready.Waiter
	plan  *plan.Plan
	steps Steps

	waiting func(ready.Waiting) // what is waited for; nil: nobody asks
	clock   *ready.Clock
	made    map[string]string // UIDs by key of what MakeNamespace has applied of the plan

	waited bool            // for what was deleted
	stays  []ready.Waiting // was to be deleted, and was still there at the last answer
	behind []api.Ref       // was to be deleted, and was not begun with

	mu        sync.Mutex
	uids      map[string]string // of what was applied, by key
	unguarded bool              // the webhooks that the plan removes are deleted
	late      []plan.Entry      // of the stage under way: what waits for its converter

	unconverts bool // a CRD has lost its webhook
}

// Steps are told of what an [Applier] does; each may be nil.
type Steps struct {
	May  func(context.Context) error             // before each write: whether it may be done
	Done func(context.Context, []api.Item) error // after each stage: what there is now
	Tell func(Event)                             // by one goroutine at a time: what was done
}

// maxDefinition is how long a CRD or a new namespace may take to be served, where nobody
// says how long to wait.
const maxDefinition = time.Minute

// New gives the Applier of a plan.
func New(w *ready.Waiter, plan *plan.Plan) *Applier {
	return &Applier{
		Client: w.Client, ready: w, plan: plan, clock: &ready.Clock{Limit: maxDefinition},
		made: map[string]string{}, uids: map[string]string{},
	}
}

// Patience bounds all that is waited for, by one clock: between stages, before
// deletions, and in Wait and Gone. progress is told what is waited for, as for
// [ready.Waiter.Wait]; it may be nil, and is called by one goroutine at a time. Without
// Patience it is a minute, and nobody is told.
func (a *Applier) Patience(limit time.Duration, progress func(ready.Waiting)) {
	a.clock, a.waiting = &ready.Clock{Limit: limit}, progress
}

// PatienceWithFinalizers bounds within that of [Applier.Patience] how long is waited for
// deletions when nothing but finalizers hold them any more; 0 does not.
func (a *Applier) PatienceWithFinalizers(limit time.Duration) { a.clock.Held = limit }

// done tells what there is after a stage.
func (a *Applier) done(ctx context.Context) error {
	if a.steps.Done == nil {
		return nil
	}
	return a.steps.Done(ctx, a.items())
}

// may asks whether the next write may be done.
func (a *Applier) may(ctx context.Context) error {
	if a.steps.May == nil {
		return nil
	}
	return a.steps.May(ctx)
}

// report tells what was done. a.mu is held.
func (a *Applier) report(e Event) {
	if a.steps.Tell != nil {
		a.steps.Tell(e)
	}
}

// tell tells what is waited for.
func (a *Applier) tell(w ready.Waiting) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting != nil {
		a.waiting(w)
	}
}

// items are what the installation has by now, with what was to go.
func (a *Applier) items() []api.Item {
	a.mu.Lock()
	defer a.mu.Unlock()
	items := a.plan.Items(a.uids)
	for i := range items {
		for _, w := range a.stays {
			if w.Ref == items[i].Ref {
				items[i].Why = a.plan.Scrub(w.Why)
			}
		}
	}
	return items
}

func (a *Applier) keepUID(key, uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uids[key] = uid
}

// keepStays keeps what an error says of objects that do not go.
func (a *Applier) keepStays(err error) error {
	if late, ok := errors.AsType[*ready.Error](err); ok {
		a.stays, a.behind = late.Stays, late.Behind
	}
	return err
}
