package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/index"
)

// UnmetError says that the dependencies of a Kube cannot all be met.
type UnmetError struct {
	Name     string
	Problems []string // one is enough
}

func (e *UnmetError) Error() string {
	return fmt.Sprintf("the dependencies of %s cannot be installed with it: %s", e.Name, strings.Join(e.Problems, "; "))
}

// Missing begins to install what the Kube needs, in turn, and the cluster does not
// have: each into the namespace of the Kube, in the order in which they have to be
// applied, dependencies before their dependants. Where a choice of releases does
// not meet all ranges, or a cycle is among them, it is an *UnmetError; an
// installation of another version in the way is a *ConflictError.
//
// With it, and the Kube after it, one goes through the steps of [Installing] side
// by side: Plan of all, then Apply of one after the other.
func (in *Installing) Missing(ctx context.Context) ([]*Installing, error) {
	root := in.root()
	if len(root.Needs) == 0 {
		return nil, nil
	}
	all, err := in.companions(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := solve.Solve(ctx, root, catalog{in.client}, func(need index.Dependency) bool { return all.met(need, in.ID.Namespace) })
	if err != nil {
		return nil, err
	}
	if problems := tree.Problems(); len(problems) > 0 {
		return nil, &UnmetError{in.ID.Name, problems}
	}
	return in.after(ctx, tree.Order())
}

// String names the Kube and its version.
func (in *Installing) String() string { return in.ID.Name + " " + in.needs().Version }

// root is the Kube as its dependencies are looked for.
func (in *Installing) root() solve.Kube {
	if in.release == nil {
		return in.taken.root()
	}
	return in.needs()
}

// after begins the installations of what was chosen, which come before in.
func (in *Installing) after(ctx context.Context, needs []*solve.Dependency) ([]*Installing, error) {
	var all []*Installing
	for _, d := range needs {
		ref := Ref{Repository: d.Repository, Name: d.Name, Version: d.Version}
		how := in.how
		how.Values, how.Journal = Values{}, in.how.Journal.before(in.client.Journal("install", ref.String()))
		dep, err := in.client.Install(ctx, in.cluster, in.ID.Namespace, ref, how)
		if err != nil {
			return nil, fmt.Errorf("%s needs %s: %w", in.ID.Name, ref, err)
		}
		dep.follow(all)
		all = append(all, dep)
	}
	in.follow(all)
	return all, nil
}

// follow lets in come after others.
func (in *Installing) follow(before []*Installing) {
	in.earlier = slices.Clone(before)
	for _, b := range before {
		in.coming = append(in.coming, cluster.Listed{
			Installation: b.ID, Installed: &cluster.Revision{Installation: b.ID, Version: b.needs().Version},
		})
	}
}

// plans are those of the installations that come before in.
func (in *Installing) plans() []*cluster.Plan {
	var all []*cluster.Plan
	for _, b := range in.earlier {
		if b.plan != nil {
			all = append(all, b.plan)
		}
	}
	return all
}

// PlanAgain is for when what comes before in was applied: it makes the plan once
// more if the server could not check all of it. The question is about what was not
// to be seen in the first plan; nil if there is nothing.
func (in *Installing) PlanAgain(ctx context.Context) (*cluster.Plan, *Question, error) {
	if len(in.earlier) == 0 || !in.plan.Unchecked() {
		return in.plan, nil, nil
	}
	before := in.question()
	in.earlier = nil
	plan, q, err := in.Plan(ctx)
	if q != nil && before != nil {
		q.Facts = slices.DeleteFunc(q.Facts, func(fact string) bool { return slices.Contains(before.Facts, fact) })
		if len(q.Facts) == 0 {
			q = nil
		}
	}
	return plan, q, err
}
