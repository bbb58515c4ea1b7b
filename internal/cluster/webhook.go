package cluster

import (
	"context"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// guards are the webhooks that objects of the plan configure.
func guards(wanted []*desired) []string {
	var names []string
	for _, d := range wanted {
		if d.ref.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration") {
			for _, hook := range object.List(d.value, "webhooks") {
				names = append(names, object.Text(hook, "name"))
			}
		}
	}
	return names
}

// guarded tells whether an object could not be tried because a webhook of the plan
// itself does not answer: it may be the plan that brings its server back.
func (p *planner) guarded(err error) bool {
	return slices.Contains(p.guards, api.SilentWebhook(err))
}

// lookGuarded plans such an object. One that is there, and of which the installed
// revision has made just what is wanted, is left alone; others wait in their stage
// until the webhook answers.
func (p *planner) lookGuarded(d *desired, live map[string]any, e Entry) {
	if live != nil && p.recordedAs(d) == e.UID {
		e.Action, e.Reason = Unchanged, "its webhook does not answer: it is not compared with what is live"
		p.note(d, live, d.value)
		p.add(e)
		return
	}
	d.offline, d.guarded = true, true
	if live == nil {
		p.addNew(d)
		return
	}
	e.Action, e.Offline, e.guarded = Changed, true, true
	p.note(d, live, d.value)
	p.alter(d, e)
}

// unhooked repeats a deletion that a webhook stands in the way of, if the plan
// deletes webhooks. Their turn is after custom resources, whose operators may need
// them; but one that does not answer is no use to anybody, and goes at once. The
// server asks them for a moment longer than they are there.
func (a *applier) unhooked(ctx context.Context, e Entry, del func() error) error {
	return api.Polling(20*time.Millisecond, time.Second).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		err := del()
		hooks := a.plan.removedWebhooks()
		if !api.Unanswered(err) || len(hooks) == 0 || a.clock.Expired() {
			return true, err
		}
		if turnOf(e.Ref) == customTurn && !a.unguarded {
			a.unguarded = true
			return false, a.removeAll(ctx, hooks)
		}
		return false, nil
	})
}

// removedWebhooks are those that the plan deletes.
func (p *Plan) removedWebhooks() []Entry {
	var found []Entry
	for _, e := range p.Entries {
		if e.Action == Removed && e.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration") {
			found = append(found, e)
		}
	}
	return found
}
