package solve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// tree writes down what was chosen.
func (s *solver) tree() *Dependency {
	t := &treeWriter{solver: s, seen: map[string]bool{}}
	root := &Dependency{Name: s.root.Name, Version: s.root.Version, Repository: s.root.Repository}
	root.Dependencies = t.below(s.root, []string{s.root.Name})
	return root
}

// treeWriter writes the tree of a solver.
type treeWriter struct {
	*solver
	seen map[string]bool // names whose own dependencies are written
}

// below writes what d needs; path are the names from the root to d.
func (t *treeWriter) below(d Kube, path []string) []*Dependency {
	var list []*Dependency
	for _, need := range d.Needs {
		if _, chosen := t.chosen[need.Name]; chosen || !t.met(need) {
			list = append(list, t.node(d, need, path))
		}
	}
	return list
}

func (t *treeWriter) node(d Kube, need index.Dependency, path []string) *Dependency {
	n := &Dependency{Name: need.Name, Range: need.Version}
	if i := slices.Index(path, need.Name); i >= 0 {
		n.Cycle = true
		n.Problem = "a cycle: " + strings.Join(append(slices.Clone(path[i:]), need.Name), " needs ")
		return n
	}
	found, rel := t.found[need.Name], t.chosen[need.Name]
	n.Version, n.Repository = rel.Version, found.Repository
	n.Problem = t.problem(d, need)
	if rel.Version == "" {
		return n
	}
	if t.seen[need.Name] {
		n.Above = len(rel.Dependencies) > 0
		return n
	}
	t.seen[need.Name] = true
	n.Dependencies = t.below(Kube{need.Name, rel.Version, found.Repository, rel.Dependencies}, append(slices.Clone(path), need.Name))
	return n
}

// problem says why a need is not met.
func (t *treeWriter) problem(d Kube, need index.Dependency) string {
	found, rel := t.found[need.Name], t.chosen[need.Name]
	admit, err := kube.ParseRange(need.Version)
	switch {
	case err != nil:
		return fmt.Sprintf("%s wants a range of %s that cannot be read: %v", d.Name, need.Name, err)
	case found.Missing != "":
		return fmt.Sprintf("%s needs %s: %s", d.Name, need.Name, found.Missing)
	case d.Repository != "" && found.Repository != d.Repository:
		return fmt.Sprintf("%s needs %s of repository %s, but another Kube needs it of %s", d.Name, need.Name, d.Repository, found.Repository)
	case rel.Version == "":
		return t.unmet(need.Name)
	}
	if v, err := kube.ParseVersion(rel.Version); err == nil && !admit.Admits(v) {
		return fmt.Sprintf("%s needs %s %s, but then another choice follows, and so on: no choice fits all", d.Name, need.Name, need.Version)
	}
	return ""
}

// unmet says who wants what of a Kube that has no release for all of them.
func (t *treeWriter) unmet(name string) string {
	var texts []string
	for _, w := range t.wanted[name] {
		texts = append(texts, w.String())
	}
	doc := t.found[name].Document
	const most = 10
	all := doc.Versions()
	all = all[:min(most, len(all))]
	for i, version := range all {
		if rel, ok := doc.Release(version); ok && !rel.Offered() {
			all[i] += " (" + takenBack(rel) + ")"
		}
	}
	have := strings.Join(all, ", ")
	return fmt.Sprintf("no release of %s will do: %s; repository %s has %s", name, strings.Join(texts, ", "), t.found[name].Repository, have)
}

// takenBack says why no range chooses a release, in its publisher's words.
func takenBack(rel index.Release) string {
	text := "withdrawn: " + rel.Withdrawn
	switch {
	case rel.Withdrawn != "":
	case rel.Yanked.Revoked:
		text = "revoked: " + rel.Yanked.Reason
	default:
		text = "yanked, so only who names it has it: " + rel.Yanked.Reason
	}
	return kube.Clean(text, false)
}
