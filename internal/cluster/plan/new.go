package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// New plans: it asks the server for a dry run of every object and compares with what is
// live. What the server or the rules of ownership refuse is in Plan.Refusals,
// with Plan.Err. An error of New itself means that there is no plan.
func New(ctx context.Context, c *api.Client, objects []manifest.Object, r Request) (*Plan, error) {
	p := newPlanner(c, r)
	wanted, refused, err := makeDesired(ctx, c, objects, r)
	if err != nil {
		return nil, fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	p.plan.Refusals = refused
	if r.Next != nil {
		mark(wanted, r.Installation, r.Next.Inputs)
	}
	if err := desirePlain(ctx, p); err != nil {
		return nil, fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	for _, d := range wanted {
		if d.ref.Is("", "Secret") {
			p.plan.mask.HideSecret(d.value)
		}
	}
	if err := run(ctx, p, wanted); err != nil {
		return nil, fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	return p.plan, nil
}

func newPlanner(c *api.Client, r Request) *planner {
	mask := c.NewMask()
	mask.Hide(r.Hide...)
	return &planner{
		Client: c, request: r, namespaces: map[string]nsState{}, holding: map[string]string{}, going: map[api.Ref]map[string]any{}, claimsOfGoing: map[api.Ref][]api.Ref{}, converting: map[string]api.Ref{},
		vouchers: vouchers{by: map[string]bool{}},
		plan: &Plan{
			Installation: r.Installation, Base: r.Past.Newest, force: r.ForceConflicts, outward: !r.Upgrade || r.AllowClusterScoped,
			Unverified: r.Unverified, objects: map[string]*desired{}, live: map[string]map[string]any{}, mask: mask,
		},
	}
}

func run(ctx context.Context, p *planner, wanted []*desired) error {
	if err := p.request.Installation.Check(); err != nil {
		return err
	}
	if err := readNamespaces(ctx, p, wanted); err != nil {
		return err
	}
	p.wanted, p.guards, p.scalers = wanted, guards(wanted), scalersOf(p.Client, p.request.Installation, wanted)
	p.plan.converters = converters(wanted)
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for _, d := range wanted {
		p.plan.objects[d.ref.Key()] = d
		group.Go(func() error { return planObject(each, p, d) })
	}
	for _, item := range p.request.Past.Inventory {
		if _, still := p.plan.objects[item.Key()]; !still {
			group.Go(func() error { return planRemoved(each, p, item) })
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	keepSecrets(p)
	if err := findClaims(ctx, p); err != nil {
		return err
	}
	finish(p)
	return p.vouchers.seal(p.plan, p.request, p.wanted)
}

// finish orders what has been found side by side.
func finish(p *planner) {
	judgeRecorded(p)
	blameCRDs(p)
	sortEntries(p.plan.Entries)
	noteVersions(p)
	stopConverting(p)
	slices.SortFunc(p.plan.Refusals, func(a, b Refusal) int { return a.Compare(b.Ref) })
	slices.SortFunc(p.plan.Outside, api.Ref.Compare)
	slices.SortFunc(p.plan.Restored, api.Ref.Compare)
	for _, notes := range [][]Note{p.plan.Permissions, p.plan.Volumes, p.plan.CRDs} {
		slices.SortStableFunc(notes, func(a, b Note) int { return a.Compare(b.Ref) })
	}
	scrub(p.plan)
	p.plan.Warnings = p.Warnings()
	for i, w := range p.plan.Warnings {
		p.plan.Warnings[i] = p.plan.mask.Scrub(w)
	}
}

// noteVersions says which objects are applied in another version than they were
// written in.
func noteVersions(p *planner) {
	for i, e := range p.plan.Entries {
		if d := p.plan.objects[e.Key()]; d != nil && d.formerly != "" && e.Reason == "" {
			p.plan.Entries[i].Reason = fmt.Sprintf("as %s, because the cluster no longer serves %s", d.ref.APIVersion, d.formerly)
		}
	}
}

// scrub hides once more what is secret: an object may have been compared before the
// Secret was read that says so.
func scrub(plan *Plan) {
	for i := range plan.Entries {
		e := &plan.Entries[i]
		e.Reason = plan.mask.Scrub(e.Reason)
		for n, c := range e.Changes {
			e.Changes[n] = Change{Path: plan.mask.Scrub(c.Path), Before: plan.mask.Scrub(c.Before), After: plan.mask.Scrub(c.After)}
		}
	}
	for i, r := range plan.Refusals {
		plan.Refusals[i].Reason = plan.mask.Scrub(r.Reason)
	}
	for _, notes := range [][]Note{plan.Permissions, plan.Volumes, plan.CRDs} {
		for i, n := range notes {
			notes[i].Text = plan.mask.Scrub(n.Text)
		}
	}
}

// Uninstall plans to delete what the installation and its tests made, last stage
// first. What stays is in the plan with its reason. Of the request only the
// installation, the state, Purge and CreateNamespace count.
func Uninstall(ctx context.Context, c *api.Client, r Request) (*Plan, error) {
	p := newPlanner(c, r)
	p.plan.uninstall = true
	tests, err := Tests(ctx, c, r.Installation)
	if err == nil {
		p.plan.Entries = slices.DeleteFunc(tests, func(e Entry) bool { return p.knows(e.Ref) })
		err = run(ctx, p, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("planning to uninstall %s: %w", r.Installation, err)
	}
	return p.plan, nil
}

// testKinds are the kinds that a test may be.
var testKinds = []api.Resource{
	api.Jobs, api.Pods,
}

// Tests are those of an installation: the Jobs and Pods in its namespace that
// carry its labels and that of a test, and that its field manager has made. What
// only carries the labels is somebody else's, and left alone. Nothing of a kind that
// we may not list is ours.
func Tests(ctx context.Context, c *api.Client, i api.Installation) ([]Entry, error) {
	var found []Entry
	for _, r := range testKinds {
		items, err := c.ListMetadata(ctx, r, i.Namespace, metav1.ListOptions{LabelSelector: i.Selector() + "," + api.LabelTest})
		if errors.Is(err, api.ErrForbidden) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking for tests of %s: %w", i, err)
		}
		for _, item := range items.Items {
			ref := r.RefTo(i.Namespace, object.Text(item, "metadata", "name"))
			if i.Made(item) {
				found = append(found, Entry{Ref: ref, Action: Removed, UID: object.Text(item, "metadata", "uid")})
			}
		}
	}
	return found, nil
}

// RefusedEarly is for objects whose values are not all known yet, and costs no dry run.
// Its error is what of a plan refuses them whatever these will be: a namespace that is
// not there, kinds that the server does not know, and rights that the user lacks.
func (r Request) RefusedEarly(ctx context.Context, c *api.Client, objects []manifest.Object) error {
	p := newPlanner(c, r)
	wanted, refused, err := makeDesired(ctx, c, objects, r)
	if err != nil {
		return fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	p.plan.Refusals = refused
	if err := readNamespaces(ctx, p, wanted); err != nil {
		return fmt.Errorf("planning %s: %w", r.Installation, err)
	}
	for _, d := range wanted {
		if !api.May(ctx, c, "patch", d.resource, d.ref) {
			p.refuse(d, CodeForbidden, "you may not patch it")
		}
	}
	return p.plan.Err()
}
