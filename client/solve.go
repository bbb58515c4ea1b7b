package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// solver chooses a release for each name below a root.
type solver struct {
	client *Client
	root   dependant
	met    func(index.Dependency) bool // by what is there already; nil: nothing is
	found  map[string]*candidates      // by name
	wanted map[string][]want           // by name, in the last round
	chosen map[string]index.Release    // by name; without an entry there is none that meets all
}

func newSolver(c *Client, root dependant) *solver {
	return &solver{client: c, root: root, found: map[string]*candidates{}, chosen: map[string]index.Release{}}
}

// candidates are the releases of a dependency in the repository in which it was
// looked for, or why there are none.
type candidates struct {
	repository string // alias; "" is any
	doc        *index.Document
	missing    string
}

// want is a range, and who wants it.
type want struct {
	by    string
	text  string
	admit kube.Range
}

func (w want) String() string {
	if w.text == "" {
		return w.by + " wants any"
	}
	return fmt.Sprintf("%s wants %s", w.by, w.text)
}

// maxRounds bounds how often choices may change because of each other.
const maxRounds = 100

// settle chooses until nothing changes any more: another release of one Kube may
// need others. Where that does not end, choices that will do are kept; where that
// does not end either, the tree shows what is not met.
func (s *solver) settle(ctx context.Context) error {
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
		if keep && had && admitted(old.Version, all) {
			continue
		}
		rel, ok := newestFor(s.found[name].doc, all)
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
	queue := []dependant{s.root}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		for _, need := range d.needs {
			if need.Name == s.root.name || s.satisfied(need) {
				continue
			}
			if err := s.look(ctx, need.Name, d.repository); err != nil {
				return err
			}
			admit, _ := kube.ParseRange(need.Version) //nolint:errcheck // see above
			s.wanted[need.Name] = append(s.wanted[need.Name], want{d.name, need.Version, admit})
			if rel, ok := s.chosen[need.Name]; ok && len(s.wanted[need.Name]) == 1 {
				queue = append(queue, dependant{need.Name, rel.Version, s.found[need.Name].repository, rel.Dependencies})
			}
		}
	}
	return nil
}

// satisfied reports whether a need is met without a choice.
func (s *solver) satisfied(need index.Dependency) bool { return s.met != nil && s.met(need) }

// look finds the candidates for a name, once.
func (s *solver) look(ctx context.Context, name, alias string) error {
	if s.found[name] != nil {
		return nil
	}
	found := &candidates{repository: alias}
	s.found[name] = found
	if err := kube.ValidName(name); err != nil {
		found.missing = err.Error()
		return nil
	}
	repo, line, err := s.client.find(ctx, Ref{Repository: alias, Name: name})
	switch {
	case errors.As(err, new(*NotFoundError)) || errors.As(err, new(*GoneError)) || errors.As(err, new(*AmbiguousError)):
		found.missing = err.Error()
		return nil
	case err != nil:
		return err
	}
	found.repository = repo.Alias
	found.doc, err = s.client.document(ctx, repo, line)
	return err
}

// newestFor is the newest release that all admit, yanked and withdrawn ones
// aside.
func newestFor(doc *index.Document, wants []want) (index.Release, bool) {
	if doc == nil {
		return index.Release{}, false
	}
	var vs []*semver.Version
	for _, rel := range doc.Releases {
		if v, err := kube.ParseVersion(rel.Version); err == nil && eligible(rel) && admitted(rel.Version, wants) {
			vs = append(vs, v)
		}
	}
	if v := kube.Newest(vs, false); v != nil {
		return doc.Release(v.Original())
	}
	return index.Release{}, false
}

// admitted reports whether a version lies in the ranges of all.
func admitted(version string, wants []want) bool {
	v, err := kube.ParseVersion(version)
	return err == nil && !slices.ContainsFunc(wants, func(w want) bool { return !w.admit.Admits(v) })
}
