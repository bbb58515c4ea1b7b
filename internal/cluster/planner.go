package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Request is what a plan is made for.
type Request struct {
	Installation api.Installation
	State        State    // what is there, from [Cluster.State]
	Adopt        []string // unowned objects to take over, as [Ref.Arg] writes them; the namespace may be left out

	UseCRD []string // names of CRDs of others to use as they are

	AllowClusterScoped bool   // objects may be added out of the namespace, and what admission reads of a shared Namespace may change
	ForceConflicts     bool   // take fields from other managers
	CreateNamespace    bool   // make the installation's namespace when it is missing; it is not ours afterwards
	Upgrade            bool   // or a rollback: what is new out of the namespace has to be allowed
	Unverified         string // why nobody vouches for the objects: what changes out of the namespace has to be allowed as well
	Purge              bool   // delete claims, CRDs and namespaces, too, that the installation no longer has

	Formerly bool // objects may be in a version that the cluster no longer serves: they are applied in one that it does

	Returning []api.Ref // that this run has deleted: they are not new
	Fresh     []api.Ref // that this run has made: claims among them may be deleted

	After []*Plan // plans that will have been carried out: what they bring is there by then

	Record   *Record   // what is to be remembered, but for inventory and manifests: the objects are to confirm it; nil: nothing
	Recorded *Recorded // what of the objects comes out of a record; nil: nothing, and no record is to be confirmed

	Hide []string // values of overrides, to mask in all texts
}

// planner makes one plan.
type planner struct {
	*Cluster
	request    Request
	plan       *Plan
	namespaces map[string]nsState
	held       map[string]string // what holds a namespace that goes, by its name
	guards     []string          // webhooks of the plan
	scalers    *scalers
	wanted     []*desired
	selectors  selectors
	plain      map[string]*desired // what would be applied without what is recorded, by key

	mu         sync.Mutex         // of plan and what is below
	converting map[string]api.Ref // of CRDs that stay, the Services that convert their objects, by key
	proof      Proof              // of what is recorded
	vouchers   vouchers           // for what is remembered

	going         map[api.Ref]map[string]any // workloads that go, as they are
	claimsOfGoing map[api.Ref][]api.Ref      // claims that they made and that stay
}

// Plan asks the server for a dry run of every object and compares with what is
// live. What the server or the rules of ownership refuse is in Plan.Refusals,
// with Plan.Err. An error of Plan itself means that there is no plan.
func (c *Cluster) Plan(ctx context.Context, objects []manifest.Object, r Request) (*Plan, error) {
	p := c.newPlanner(r)
	wanted, refused, err := c.desire(ctx, objects, r)
	if err != nil {
		return nil, fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	p.plan.Refusals = refused
	mark(wanted, r.Installation, r.Record.Inputs())
	if err := p.desirePlain(ctx); err != nil {
		return nil, fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	for _, d := range wanted {
		if d.ref.Is("", "Secret") {
			p.plan.mask.HideSecret(d.value)
		}
	}
	if err := p.run(ctx, wanted); err != nil {
		return nil, fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	return p.plan, nil
}

func (c *Cluster) newPlanner(r Request) *planner {
	mask := c.NewMask()
	mask.Hide(r.Hide...)
	return &planner{
		Cluster: c, request: r, namespaces: map[string]nsState{}, held: map[string]string{}, going: map[api.Ref]map[string]any{}, claimsOfGoing: map[api.Ref][]api.Ref{}, converting: map[string]api.Ref{},
		vouchers: vouchersOf(r.State),
		plan: &Plan{
			Installation: r.Installation, Base: r.State.Newest(), force: r.ForceConflicts, outward: !r.Upgrade || r.AllowClusterScoped,
			Unverified: r.Unverified, objects: map[string]*desired{}, live: map[string]map[string]any{}, mask: mask,
		},
	}
}

func (p *planner) run(ctx context.Context, wanted []*desired) error {
	if err := p.request.Installation.Check(); err != nil {
		return err
	}
	if err := p.lookAtNamespaces(ctx, wanted); err != nil {
		return err
	}
	p.wanted, p.guards, p.scalers = wanted, guards(wanted), scalersOf(wanted)
	p.plan.converters = converters(wanted)
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, d := range wanted {
		p.plan.objects[d.ref.Key()] = d
		group.Go(func() error { return p.look(each, d) })
	}
	for _, item := range p.request.State.Inventory {
		if _, still := p.plan.objects[item.Key()]; !still {
			group.Go(func() error { return p.lookAtRemoved(each, item) })
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	p.keepSecrets()
	if err := p.findClaims(ctx); err != nil {
		return err
	}
	p.finish()
	return p.vouchers.seal(p.plan, p.request, p.wanted)
}

// finish orders what the parallel looks have found.
func (p *planner) finish() {
	p.judgeRecorded()
	sortEntries(p.plan.Entries)
	p.noteVersions()
	p.stopConverting()
	slices.SortFunc(p.plan.Refusals, func(a, b Refusal) int { return a.Compare(b.Ref) })
	slices.SortFunc(p.plan.Outside, api.Ref.Compare)
	slices.SortFunc(p.plan.Restored, api.Ref.Compare)
	for _, notes := range [][]Note{p.plan.Permissions, p.plan.Volumes, p.plan.CRDs} {
		slices.SortStableFunc(notes, func(a, b Note) int { return a.Compare(b.Ref) })
	}
	p.plan.Warnings = p.Warnings()
	for i, w := range p.plan.Warnings {
		p.plan.Warnings[i] = p.plan.mask.Scrub(w)
	}
}

func (p *planner) add(e Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Entries = append(p.plan.Entries, e)
}

func (p *planner) refuse(d *desired, code Code, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Refusals = append(p.plan.Refusals, Refusal{
		Ref: d.ref, Source: d.source, Code: code, Reason: p.plan.mask.Scrub(reason),
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
