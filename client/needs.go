package client

import (
	"context"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// unmetError says that the dependencies of a Kube cannot all be met.
type unmetError struct {
	Name     string
	Problems []string // one is enough
}

func (e *unmetError) Error() string {
	return fmt.Sprintf("the dependencies of %s cannot be installed with it: %s", e.Name, strings.Join(e.Problems, "; "))
}

// ErrorCode is UNMET.
func (e *unmetError) ErrorCode() errcode.Code { return errcode.Unmet }

// ErrorFacts name the Kube.
func (e *unmetError) ErrorFacts() errcode.Facts { return errcode.Facts{"name": e.Name} }

// WithDependencies begins to install what the Kube needs, in turn, and the cluster does
// not have: each into the namespace of the Kube. They come before s in what it gives, in
// the order in which they have to be applied. Where a choice of releases does not meet
// all ranges, or a cycle is among them, it is an *unmetError; an installation of another
// version in the way is a conflict.
func (s *Source) WithDependencies(ctx context.Context) ([]*Source, error) {
	root := s.needs()
	if len(root.Needs) == 0 {
		return []*Source{s}, nil
	}
	all, err := s.companions(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := solve.Solve(ctx, root, catalog{s.client}, func(need index.Dependency) bool { return all.met(need, s.ID.Namespace) })
	if err != nil {
		return nil, err
	}
	if problems := tree.Problems(); len(problems) > 0 {
		return nil, &unmetError{s.ID.Name, problems}
	}
	var sources []*Source
	for _, d := range tree.Order() {
		ref, o := repos.Ref{Repository: d.Repository, Name: d.Name, Version: d.Version}, s.options
		o.Values, o.Journal = Values{}, o.Journal.before(newJournal(s.client, "install", ref.String()))
		dep, err := installSource(ctx, s.client, s.cluster, s.ID.Namespace, ref, o)
		if err != nil {
			return nil, fmt.Errorf("%s needs %s: %w", s.ID.Name, ref, err)
		}
		sources = append(sources, dep.after(sources))
	}
	return append(sources, s.after(sources)), nil
}

// after is s where others are installed before it.
func (s *Source) after(others []*Source) *Source {
	later := *s
	for _, b := range others {
		later.expected = append(later.expected, history.Listed{
			Installation: b.ID, Installed: &history.Revision{Installation: b.ID, Version: b.needs().Version},
		})
	}
	return &later
}

// Unmet says what the Kube needs and the cluster does not have, a line each: the
// dependencies of which no installation is of a version that will do, and the
// version of the server. An installation in another namespace that will do is told,
// and so is one that would if it could be reached. So are installations that need the version that this one leaves.
func (s *Source) Unmet(ctx context.Context) ([]string, error) {
	d := s.needs()
	lacks, err := s.serverLacks()
	if err != nil || len(d.Needs) == 0 && !s.moves() {
		return lacks, err
	}
	all, err := s.companions(ctx)
	if err != nil {
		return nil, err
	}
	for _, need := range d.Needs {
		at, aloof, err := all.meeting(need, s.ID.Namespace)
		switch {
		case err != nil:
			return nil, fmt.Errorf("reading which %s %s wants: %w", need.Name, s.ID.Name, err)
		case aloof != nil:
			lacks = append(lacks, fmt.Sprintf("Dependency %s does not seem to be satisfied: %s is in namespace %s, where nobody in namespace %s finds it by its name.",
				wanted(need), aloof.Installed.Version, aloof.Installation.Namespace, s.ID.Namespace))
		case at == nil:
			lacks = append(lacks, fmt.Sprintf("Dependency %s does not seem to be satisfied.", wanted(need)))
		case at.Installation.Namespace != s.ID.Namespace:
			s.client.note(fmt.Sprintf("Dependency %s: %s is in namespace %s", need.Name, at.Installed.Version, at.Installation.Namespace))
		}
	}
	if s.moves() {
		lacks = append(lacks, all.deserted(s.ID, &history.Revision{Version: d.Version})...)
	}
	return lacks, nil
}

// companions are the installations that may meet a need, also those that come before
// this one.
func (s *Source) companions(ctx context.Context) (companions, error) {
	all, err := companionsIn(ctx, s.cluster, s.ID.Namespace)
	all.there = append(all.there, s.expected...)
	return all, err
}

// serverLacks says whether the version of the server is not one that the Kube wants.
func (s *Source) serverLacks() ([]string, error) {
	wanted := ""
	switch {
	case s.past.fromRecord():
		return nil, nil // it was good enough then
	case s.release != nil:
		wanted = s.release.Kubernetes
	default:
		wanted = s.local.Kube.Kubernetes.String()
	}
	admit, err := kube.ParseRange(wanted)
	if err != nil {
		return nil, fmt.Errorf("reading which Kubernetes %s wants: %w", s.ID.Name, err)
	}
	if ok, err := admit.AdmitsServer(s.cluster.Version); err != nil || ok {
		return nil, nil //nolint:nilerr // a server that tells no version is none to refuse
	}
	return []string{fmt.Sprintf("%s wants Kubernetes %s, and this is %s.", s.ID.Name, wanted, s.cluster.Version)}, nil
}
