package cluster

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// unanswered tells whether the server refused because a webhook did not answer.
// The text is the API server's; there is no code for it.
func unanswered(err error) bool {
	return statusCode(err) == http.StatusInternalServerError && strings.Contains(err.Error(), "failed calling webhook")
}

// unhooked repeats a deletion that a webhook stands in the way of, if the plan
// deletes webhooks: the server asks them for a moment longer than they are there.
func (a *applier) unhooked(ctx context.Context, del func() error) error {
	deadline := time.Now().Add(a.pace.crd)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := del()
		if !unanswered(err) || !a.plan.removesWebhooks() || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func (p *Plan) removesWebhooks() bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool {
		return e.Action == Removed && e.is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
	})
}
