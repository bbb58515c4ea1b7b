package solve

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Kube is one version of a Kube, and what it needs.
type Kube struct {
	Name, Version string
	Repository    string // alias; "" is none
	Needs         []index.Dependency
}

// Candidates are the releases of a Kube in the repository in which it was looked
// for, or why there are none.
type Candidates struct {
	Repository string // alias; "" is any
	Document   *index.Document
	Missing    string
}

// Catalog is what there is to choose from. An error of it ends the search; that a
// Kube is not there is none.
type Catalog interface {
	// Candidates looks for a Kube in the repository of that alias, or with "" in all.
	Candidates(ctx context.Context, alias, name string) (Candidates, error)
}

// Solve finds what root needs, and what that needs in turn. A dependency is looked
// for in the repository of its dependant; one Kube is there once, so the release
// that is chosen is the newest that lies in the ranges of all who need it. What met
// reports to be there already is left out, with what it would need, unless another needs
// another release of it; nil is nothing.
//
// What cannot be met is a Problem in the tree.
func Solve(ctx context.Context, root Kube, catalog Catalog, met func(index.Dependency) bool) (*Dependency, error) {
	if met == nil {
		met = func(index.Dependency) bool { return false }
	}
	s := &solver{catalog: catalog, root: root, met: met, found: map[string]Candidates{}, chosen: map[string]index.Release{}}
	if err := s.choose(ctx); err != nil {
		return nil, err
	}
	return s.tree(), nil
}

// solver chooses a release for each name below a root.
type solver struct {
	catalog Catalog
	root    Kube
	met     func(index.Dependency) bool
	found   map[string]Candidates    // by name
	wanted  map[string][]want        // by name, in the last round
	chosen  map[string]index.Release // by name; without an entry there is none that meets all
}

// want is a range, and who wants it.
type want struct {
	by    string
	text  string
	admit kube.Range
	met   bool // by what is there
}

func (w want) unmet() bool { return !w.met }

func (w want) String() string {
	if w.text == "" {
		return w.by + " wants any"
	}
	return fmt.Sprintf("%s wants %s", w.by, w.text)
}

// maxRounds bounds how often choices may change because of each other.
const maxRounds = 100

// choose chooses until nothing changes any more: another release of one Kube may
// need others. Where that does not end, choices that will do are kept; where that
// does not end either, the tree shows what is not met.
func (s *solver) choose(ctx context.Context) error {
	for i := range maxRounds {
		changed, err := s.round(ctx, i >= maxRounds/2)
		if err != nil || !changed {
			return err
		}
	}
	return nil
}

// round chooses anew for everything that is wanted with the present choices. keep
// leaves a choice as it is while it will do.
func (s *solver) round(ctx context.Context, keep bool) (changed bool, err error) {
	if err := s.gather(ctx); err != nil {
		return false, err
	}
	for name, all := range s.wanted {
		old, had := s.chosen[name]
		if !slices.ContainsFunc(all, want.unmet) {
			delete(s.chosen, name)
			changed = changed || had
			continue
		}
		if keep && had && admitted(old.Version, all) {
			continue
		}
		rel, ok := newestFor(s.found[name].Document, all)
		if ok == had && rel.Version == old.Version {
			continue
		}
		changed = true
		if ok {
			s.chosen[name] = rel
		} else {
			delete(s.chosen, name)
		}
	}
	for name := range s.chosen {
		if _, ok := s.wanted[name]; !ok {
			delete(s.chosen, name)
		}
	}
	return changed, nil
}

// gather notes what is wanted of each name, from the root down. A range that
// cannot be read admits everything here; the tree says so.
func (s *solver) gather(ctx context.Context) error {
	s.wanted = map[string][]want{}
	queue := []Kube{s.root}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		for _, need := range d.Needs {
			if need.Name == s.root.Name {
				continue
			}
			met := s.met(need)
			if !met {
				if err := s.find(ctx, d.Repository, need.Name); err != nil {
					return err
				}
			}
			admit, _ := kube.ParseRange(need.Version) //nolint:errcheck // see above
			s.wanted[need.Name] = append(s.wanted[need.Name], want{d.Name, need.Version, admit, met})
			if rel, ok := s.chosen[need.Name]; ok && len(s.wanted[need.Name]) == 1 {
				queue = append(queue, Kube{need.Name, rel.Version, s.found[need.Name].Repository, rel.Dependencies})
			}
		}
	}
	return nil
}

// find finds the candidates for a name, once.
func (s *solver) find(ctx context.Context, alias, name string) error {
	if _, known := s.found[name]; known {
		return nil
	}
	if err := kube.ValidName(name); err != nil {
		s.found[name] = Candidates{Repository: alias, Missing: err.Error()}
		return nil
	}
	var err error
	s.found[name], err = s.catalog.Candidates(ctx, alias, name)
	return err
}

// newestFor is the newest release that all admit, yanked and withdrawn ones
// aside.
func newestFor(doc *index.Document, wants []want) (index.Release, bool) {
	if doc == nil {
		return index.Release{}, false
	}
	return doc.Newest(false, func(rel index.Release) bool { return rel.Offered() && admitted(rel.Version, wants) })
}

// admitted reports whether a version lies in the ranges of all.
func admitted(version string, wants []want) bool {
	v, err := kube.ParseVersion(version)
	return err == nil && !slices.ContainsFunc(wants, func(w want) bool { return !w.admit.Admits(v) })
}
