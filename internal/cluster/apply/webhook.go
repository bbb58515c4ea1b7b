package apply

import (
	"context"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
)

// retryAnswered repeats a deletion that a webhook stands in the way of, if the plan
// deletes webhooks. Their turn is after custom resources, whose operators may need
// them; but one that does not answer is no use to anybody, and goes at once. The
// server asks them for a moment longer than they are there.
func retryAnswered(ctx context.Context, a *Applier, e plan.Entry, del func() error) error {
	return api.Polling(20*time.Millisecond, time.Second).Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		err := del()
		hooks := removedWebhooks(a.plan)
		if !api.Unanswered(err) || len(hooks) == 0 || a.clock.Expired() {
			return true, err
		}
		if e.Turn() == plan.CustomTurn && !a.unguarded {
			a.unguarded = true
			return false, removeAll(ctx, a, hooks)
		}
		return false, nil
	})
}

// removedWebhooks are those that the plan deletes.
func removedWebhooks(p *plan.Plan) []plan.Entry {
	var found []plan.Entry
	for _, e := range p.Entries {
		if e.Action == plan.Removed && e.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration") {
			found = append(found, e)
		}
	}
	return found
}
