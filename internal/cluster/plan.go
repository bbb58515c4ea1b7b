package cluster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Action is what a plan does to an object.
type Action string

// The actions. Kept are objects that the installation no longer names, or
// should leave, and that stay; Entry.Reason says why.
const (
	Added     Action = "added"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
	Replaced  Action = "replaced" // deleted and made again: a field cannot be changed
	Removed   Action = "removed"
	Kept      Action = "kept"
	GivenUp   Action = "given up" // it stays, without what the installation has set of it
)

// Entry is what a plan does to one object.
type Entry struct {
	api.Ref
	Action   Action   `json:"action"`
	Source   string   `json:"source,omitempty"` // where it is written, as in "manifests/web.yaml:12"
	UID      string   `json:"uid,omitempty"`    // of the live object; "" for one that is not the installation's
	Offline  bool     `json:"checkedOfflineOnly,omitempty"`
	Adopted  bool     `json:"adopted,omitempty"`
	Shared   bool     `json:"shared,omitempty"`   // it is there already, and does not become the installation's
	Managers []string `json:"managers,omitempty"` // who manages the object that is adopted
	Reason   string   `json:"reason,omitempty"`
	Leaving  bool     `json:"leaving,omitempty"` // of one that is removed or replaced: it is being deleted already; Reason says what holds it
	Changes  []Change `json:"changes,omitempty"`
	Recorded bool     `json:"fromCluster,omitempty"` // it comes of what a record says and no live object confirms
	Stays    []string `json:"stays,omitempty"`       // fields of an adopted object that are not the installation's, as in "kubectl-edit: .data.b"

	guarded bool // a webhook of the same plan stands before it and does not answer

	unused     bool // nobody but the installation, which never came to be, has put anything into it
	unconvert  bool // a CRD that stays, and whose webhook goes
	unlabelled bool // a claim that is to carry our labels: a StatefulSet made it; or that it was left

	with string // of a Secret that stays: the claim that it was made with

	claim    bool // nothing changes but which fields are ours
	unsealed bool // it does not carry what confirms the next revision
	passed   bool // it was there, and has ended
}

// Code says what kind of refusal it is.
type Code string

// The codes. The first six stand for ErrConflict.
const (
	CodeForeign       Code = "foreign"        // unowned: it can be adopted
	CodeOther         Code = "other"          // another installation's
	CodeField         Code = "field"          // another manager has the field: can be forced
	CodeClusterScoped Code = "cluster-scoped" // an upgrade reaches out of the namespace: can be allowed
	CodeCRD           Code = "crd"            // stored objects would be lost
	CodeRecorded      Code = "recorded"       // it comes of what nobody confirms: can be accepted
	CodeInvalid       Code = "invalid"
	CodeForbidden     Code = "forbidden"
	CodeWebhook       Code = "webhook"   // one that has to agree did not answer
	CodeNamespace     Code = "namespace" // missing or terminating
)

// Refusal is why an object cannot be applied.
type Refusal struct {
	api.Ref
	Source string `json:"source,omitempty"`
	Code   Code   `json:"code"`
	Reason string `json:"reason"`
}

func (r Refusal) String() string {
	if r.Source == "" {
		return fmt.Sprintf("%s: %s", r.Ref, r.Reason)
	}
	return fmt.Sprintf("%s (%s): %s", r.Ref, r.Source, r.Reason)
}

// Note is something to know about an object before one agrees.
type Note struct {
	api.Ref
	Text string `json:"text"`
	Wide bool   `json:"clusterWide,omitempty"` // of permissions: they hold in all namespaces

	Stays  bool   `json:"stays,omitempty"`  // of claims and CRDs: nothing happens to them
	Others string `json:"others,omitempty"` // of CRDs: how many objects are not the installation's, and which
}

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
	digests    map[int]string // of what is to be remembered, see [Record]
	force      bool
	outward    bool                // new objects may be out of the namespace
	converters map[string]string   // see converters
	objects    map[string]*desired // what to apply, by key
	live       map[string]map[string]any
	mask       *api.Mask
}

// Err is nil when the plan can be applied. Otherwise it lists the refusals, of
// many with one reason the first; it is an ErrConflict when one of them is, else
// ErrNotFound, ErrForbidden or ErrRefused.
func (p *Plan) Err() error {
	if len(p.Refusals) == 0 {
		return nil
	}
	class := api.ErrRefused
	same := map[string]int{} // by reason
	for _, r := range p.Refusals {
		same[r.Reason]++
		class = heavier(class, classOf(r.Code))
	}
	var lines []string
	told := map[string]int{}
	for _, r := range p.Refusals {
		told[r.Reason]++
		switch {
		case told[r.Reason] < maxTold || same[r.Reason] == maxTold:
			lines = append(lines, p.Scrub(r.String()))
		case told[r.Reason] == maxTold:
			lines = append(lines, fmt.Sprintf("%d more: %s", same[r.Reason]-maxTold+1, r.Reason))
		}
	}
	if all := p.adoptable(); len(all) > 1 {
		lines = append(lines, "to take all of these over: --adopt "+strings.Join(all, " --adopt "))
	}
	return api.Fault(strings.Join(lines, "\n"), class)
}

// adoptable are the objects that could be adopted, as one names them.
func (p *Plan) adoptable() []string {
	var all []string
	for _, r := range p.Refusals {
		if r.Code == CodeForeign {
			all = append(all, r.Arg())
		}
	}
	return all
}

// maxTold is how many lines of an error have the same reason at most.
const maxTold = 4

func classOf(code Code) error {
	switch code {
	case CodeForeign, CodeOther, CodeField, CodeClusterScoped, CodeCRD, CodeRecorded:
		return api.ErrConflict
	case CodeNamespace:
		return api.ErrNotFound
	case CodeForbidden:
		return api.ErrForbidden
	case CodeWebhook:
		return api.ErrUnanswered
	}
	return api.ErrRefused
}

func heavier(a, b error) error {
	for _, class := range []error{api.ErrConflict, api.ErrNotFound, api.ErrForbidden, api.ErrUnanswered} {
		if a == class || b == class { //nolint:errorlint // classes themselves
			return class
		}
	}
	return api.ErrRefused
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
		return (e.Action == Unchanged || e.Action == Kept || e.Action == Removed && e.Leaving) && !e.claim && !e.Adopted
	}
	return !p.CreateNamespace && !slices.ContainsFunc(p.Entries, func(e Entry) bool { return !idle(e) })
}

// Applied are the objects that are there afterwards: what to wait for.
func (p *Plan) Applied() []api.Ref {
	var refs []api.Ref
	for _, e := range p.Entries {
		if e.applies() && !e.passed {
			refs = append(refs, e.Ref)
		}
	}
	return refs
}

// Added are the objects that the plan makes.
func (p *Plan) Added() []api.Ref { return p.with(Added) }

// Deleted are the objects that the plan deletes for good.
func (p *Plan) Deleted() []api.Ref { return p.with(Removed) }

func (p *Plan) with(action Action) []api.Ref {
	var refs []api.Ref
	for _, e := range p.Entries {
		if e.Action == action {
			refs = append(refs, e.Ref)
		}
	}
	return refs
}

func (e Entry) applies() bool {
	return e.Action != Removed && e.Action != Kept && e.Action != GivenUp
}

// staged tells whether the plan applies an object in its stage, and not after all of them.
func (p *Plan) staged(e Entry) bool { return e.applies() && !p.objects[e.Key()].resource.Unknown() }
