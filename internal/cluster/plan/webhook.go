package plan

import (
	"slices"

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

// planGuarded plans such an object. One that is there, and of which the installed
// revision has made just what is wanted, is left alone; others wait in their stage
// until the webhook answers.
func planGuarded(p *planner, d *desired, live map[string]any, e Entry) {
	if live != nil && recordedAs(p, d) == e.UID {
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
	e.Action, e.Offline, e.Guarded = Changed, true, true
	p.note(d, live, d.value)
	p.alter(d, e)
}
