package plan

import (
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// planner makes one plan.
type planner struct {
	*api.Client
	request    Request
	plan       *Plan
	namespaces map[string]nsState
	holding    map[string]string // what holds a namespace that goes, by its name
	guards     []string          // webhooks of the plan
	scalers    *scalers
	wanted     []*desired
	selectors  selectors
	plain      map[string]*desired // what would be applied without what is recorded, by key

	mu         sync.Mutex         // of plan and what is below
	converting map[string]api.Ref // of CRDs that stay, the Services that convert their objects, by key
	otherwise  []otherCRD         // which are used all the same
	proof      Proof              // of what is recorded
	vouchers   vouchers           // for what is recorded next

	going         map[api.Ref]map[string]any // workloads that go, as they are
	claimsOfGoing map[api.Ref][]api.Ref      // claims that they made and that stay
}

func (p *planner) add(e Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Entries = append(p.plan.Entries, e)
}

func (p *planner) refuse(d *desired, code Code, reason string, ways ...way) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Refusals = append(p.plan.Refusals, Refusal{
		Ref: d.ref, Source: d.source, Code: code, Reason: p.plan.mask.Scrub(reason), ways: ways,
	})
}

// adopts tells whether the user named the object for adoption.
func (p *planner) adopts(r api.Ref) bool {
	return slices.ContainsFunc(p.request.Adopt, func(name string) bool {
		name = strings.ToLower(name)
		short := r
		short.Namespace = ""
		return name == r.Arg() || (r.Namespace == p.request.Installation.Namespace && name == short.Arg())
	})
}

// outside tells whether an object is out of the installation's namespace.
func (p *planner) outside(r api.Ref) bool {
	return r.Namespace != p.request.Installation.Namespace
}

func (p *planner) addVolume(n Note) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Volumes = append(p.plan.Volumes, n)
}

func (p *planner) addCRD(n Note) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.CRDs = append(p.plan.CRDs, n)
}

// otherCRD is a CRD that is used as it is, and differs from the Kube's own.
type otherCRD struct {
	*desired
	how    string // whose it is, and in what it differs
	wanted bool   // the user named it
}

func (p *planner) addOtherwise(c otherCRD) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.otherwise = append(p.otherwise, c)
}

// refuseEntry refuses what is planned for an object.
func (p *planner) refuseEntry(e Entry, code Code, reason string, ways ...way) {
	p.refuse(&desired{ref: e.Ref, source: e.Source}, code, reason, ways...)
}

// recorded tells whether the installation is known to have made the object.
func (p *planner) recorded(r api.Ref) bool {
	return slices.ContainsFunc(p.request.Past.Inventory, func(i api.Item) bool { return i.UID != "" && i.Key() == r.Key() })
}

// knows tells whether an object is planned for anyway.
func (p *planner) knows(ref api.Ref) bool {
	_, wanted := p.plan.objects[ref.Key()]
	return wanted || slices.ContainsFunc(p.request.Past.Inventory, func(i api.Item) bool { return i.Ref == ref })
}

// entryOf is what is planned for an object; nil when nothing is.
func (p *planner) entryOf(ref api.Ref) *Entry {
	for i := range p.plan.Entries {
		if e := &p.plan.Entries[i]; e.Key() == ref.Key() {
			return e
		}
	}
	return nil
}

// actionOf is what is planned for an object; "" when nothing is.
func (p *planner) actionOf(ref api.Ref) Action {
	if e := p.entryOf(ref); e != nil {
		return e.Action
	}
	return ""
}

// count counts a live object for or against what is recorded.
func (p *planner) count(ref api.Ref, live map[string]any) {
	r := p.request.Recorded
	if r == nil {
		return
	}
	made := false
	for _, item := range p.request.Past.Inventory {
		made = made || item.Key() == ref.Key() && p.request.Installation.Foreign(item, live) == ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proof.count(p.request.Installation, ref, live, made, r.Values)
	p.vouchers.count(p.request, ref, live, made)
}
