package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Plan is what an operation will do to the cluster. Marshalled, it has no value
// of a Secret and none that was to be hidden.
type Plan struct {
	Installation    api.Installation `json:"installation"`
	Base            int              `json:"base"` // the newest revision when the plan was made; 0 when there was none
	CreateNamespace bool             `json:"createNamespace,omitempty"`
	Entries         []Entry          `json:"entries"`               // in the order of apply, then those to delete
	Refusals        []Refusal        `json:"refusals,omitempty"`    // with one of them nothing is applied
	Permissions     []Note           `json:"permissions,omitempty"` // that somebody gets and did not have
	Volumes         []Note           `json:"volumes,omitempty"`     // claims, and templates of claims, that are touched
	CRDs            []Note           `json:"crds,omitempty"`        // in use, or changed incompatibly
	Found           []Found          `json:"found,omitempty"`       // claims that a first install finds
	Outside         []api.Ref        `json:"outside,omitempty"`     // new, and cluster-scoped or in another namespace
	Restored        []api.Ref        `json:"restored,omitempty"`    // with the installation's labels, and other objects than the recorded ones
	Warnings        []string         `json:"warnings,omitempty"`    // of the server
	Unverified      string           `json:"unverified,omitempty"`  // why nobody vouches for what a rollback applies

	uninstall  bool
	confirmed  bool
	digests    map[int]string // of revisions, for the record of this one
	force      bool
	outward    bool                // new objects may be out of the namespace
	converters map[string]string   // see converters
	objects    map[string]*desired // what to apply, by key
	live       map[string]map[string]any
	mask       *api.Mask
}

// Scrub hides the values of the plan's Secrets, and those that were to be hidden,
// in a text from the cluster: an event, a log.
func (p *Plan) Scrub(text string) string { return p.mask.Scrub(text) }

// Confirmed tells whether live objects confirm the values and hook files of the
// record that the plan was made with, see [Proof].
func (p *Plan) Confirmed() bool { return p.confirmed }

// Count returns how many entries have the action.
func (p *Plan) Count(action Action) int {
	n := 0
	for _, e := range p.Entries {
		if e.Action == action {
			n++
		}
	}
	return n
}

// Empty tells whether the plan changes nothing.
func (p *Plan) Empty() bool {
	return !p.CreateNamespace && p.Count(Unchanged)+p.Count(Kept) == len(p.Entries)
}

// Unchecked tells whether the server could not be asked about some object: its
// kind or its namespace was not there yet.
func (p *Plan) Unchecked() bool {
	return slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.Offline })
}

// Idle tells whether there is nothing to write, not even which fields are the
// installation's. What is on its way out already needs no word from us.
func (p *Plan) Idle() bool {
	idle := func(e Entry) bool {
		return (e.Action == Unchanged || e.Action == Kept || e.Action == Removed && e.Leaving) && !e.Claim && !e.Adopted
	}
	return !p.CreateNamespace && !slices.ContainsFunc(p.Entries, func(e Entry) bool { return !idle(e) })
}

// Applied are the objects that are there afterwards: what to wait for.
func (p *Plan) Applied() []api.Ref {
	var refs []api.Ref
	for _, e := range p.Entries {
		if e.Applies() && !e.Ended {
			refs = append(refs, e.Ref)
		}
	}
	return refs
}

// Added are the objects that the plan makes.
func (p *Plan) Added() []api.Ref { return p.With(Added) }

// Deleted are the objects that the plan deletes for good.
func (p *Plan) Deleted() []api.Ref { return p.With(Removed) }

// With are the objects that the plan does one thing to.
func (p *Plan) With(action Action) []api.Ref {
	var refs []api.Ref
	for _, e := range p.Entries {
		if e.Action == action {
			refs = append(refs, e.Ref)
		}
	}
	return refs
}

// Staged tells whether the plan applies an object in its stage, and not after all of them.
func (p *Plan) Staged(e Entry) bool { return e.Applies() && !p.objects[e.Key()].resource.Unknown() }

// Awaits tells whether an error is that the webhook does not answer which the plan may
// bring for an object.
func (p *Plan) Awaits(ref api.Ref, err error) bool {
	return api.Unconverted(err) && p.converters[ref.Group()+"|"+ref.Kind] != ""
}

// Inert tells whether an object does nothing, so that there is nothing to wait for.
func (p *Plan) Inert(e Entry) bool {
	switch {
	case e.Is("", "ConfigMap", "Secret", "ServiceAccount", "LimitRange", "Endpoints"),
		e.Is("rbac.authorization.k8s.io", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
		e.Is("networking.k8s.io", "NetworkPolicy", "IngressClass"), e.Is("discovery.k8s.io", "EndpointSlice"),
		e.Is("storage.k8s.io", "StorageClass"), e.Is("scheduling.k8s.io", "PriorityClass"), e.Is("node.k8s.io", "RuntimeClass"),
		e.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
		return true
	case e.Is("", "Service"):
		return object.Text(p.objects[e.Key()].value, "spec", "type") != "LoadBalancer"
	}
	return false
}

// Converter names what converts an object that the plan awaits a webhook for.
func (p *Plan) Converter(ref api.Ref) string { return p.converters[ref.Group()+"|"+ref.Kind] }

// Patch applies an object of the plan: as new without a uid, and then without force.
func (p *Plan) Patch(ref api.Ref, uid string) api.Patch {
	d := p.objects[ref.Key()]
	return api.Patch{
		Resource: d.resource, Ref: d.ref, Value: d.value, Manager: p.Installation.Manager(),
		UID: uid, Force: uid != "" && !d.shared && (p.force || d.inherits),
	}
}

// TakesOver tells whether fields of an object have to become the installation's before it
// is applied.
func (p *Plan) TakesOver(ref api.Ref) bool { return !p.objects[ref.Key()].takeover.empty() }

// ManagedFields are those of a live object after that; changed is false when they are
// already.
func (p *Plan) ManagedFields(ref api.Ref, live map[string]any, now time.Time) (entries []any, changed bool) {
	return p.objects[ref.Key()].takeover.managed(live, ref, p.Installation.Manager(), now)
}

// WithKind is the plan, and one of its entries, once the server of an API has said what
// the kind of that object is. One that turns out to be out of the namespace confirms the
// record, as all such objects do; where that is not allowed the error is ErrConflict.
func (p *Plan) WithKind(e Entry, r api.Resource) (*Plan, Entry, error) {
	if !r.Namespaced && !p.outward {
		return p, e, api.Fault(fmt.Sprintf("%s: its kind has no namespaces, which nobody could know before its server answered; the same command once more goes on", e.Ref), api.ErrConflict)
	}
	plan, d := *p, *p.objects[e.Key()]
	plan.Entries, plan.objects = slices.Clone(p.Entries), maps.Clone(p.objects)
	at := slices.IndexFunc(plan.Entries, func(o Entry) bool { return o.Key() == e.Key() })
	delete(plan.objects, e.Key())
	if d.resource = r; !r.Namespaced {
		d.ref.Namespace, d.value = "", runtime.DeepCopyJSON(d.value)
		delete(object.Map(d.value, "metadata"), "namespace")
		mark([]*desired{&d}, p.Installation, confirmation(p.objects))
	}
	e.Ref = d.ref
	plan.Entries[at], plan.objects[e.Key()] = e, &d
	return &plan, e, nil
}
