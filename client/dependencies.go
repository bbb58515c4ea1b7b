package client

import (
	"context"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Dependency is a Kube that another one needs, and the release that meets it. The
// Kube at the root of a tree has no Range.
type Dependency struct {
	Name         string        `json:"name"`
	Range        string        `json:"range,omitempty"` // as its dependant wrote it; "" is any version
	Version      string        `json:"version,omitempty"`
	Repository   string        `json:"repository,omitempty"` // alias
	Problem      string        `json:"problem,omitempty"`    // why it cannot be met; "" when it is
	Cycle        bool          `json:"cycle,omitempty"`      // it needs, in the end, itself
	Above        bool          `json:"above,omitempty"`      // its own dependencies are listed where it came first
	Dependencies []*Dependency `json:"dependencies,omitempty"`
}

// Problems are the reasons why not all of the tree can be met, each once.
func (d *Dependency) Problems() []string {
	var all []string
	for _, child := range d.Dependencies {
		if child.Problem != "" && !slices.Contains(all, child.Problem) {
			all = append(all, child.Problem)
		}
		for _, p := range child.Problems() {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// Names are the Kubes that the root needs, each once and before those that need
// it: the order in which they would be installed.
func (d *Dependency) Names() []string {
	var all []string
	for _, child := range d.Dependencies {
		for _, name := range append(child.Names(), child.Name) {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// Dependencies tells what the Kube that ref names needs, and what that needs in
// turn. A dependency is looked for in the repository of its dependant; one Kube
// is there once, so the release that is chosen is the newest that lies in the
// ranges of all who need it. What is installed somewhere does not count.
//
// What cannot be met is a Problem in the tree. The error says that the tree
// itself could not be made.
func (c *Client) Dependencies(ctx context.Context, ref Ref, pre bool) (*Dependency, error) {
	root, err := c.dependant(ctx, ref, pre)
	if err != nil {
		return nil, err
	}
	s := newSolver(c, root)
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return s.tree(), nil
}

// dependant is a Kube in a certain version, and what it needs.
type dependant struct {
	name, version, repository string
	needs                     []index.Dependency
}

// dependant finds the root of a tree. A release is not fetched: the signed index
// says what it needs.
func (c *Client) dependant(ctx context.Context, ref Ref, pre bool) (dependant, error) {
	t, err := c.takeLocal(ctx, ref)
	if err != nil {
		return dependant{}, err
	}
	if t == nil {
		rel, err := c.Resolve(ctx, ref, pre)
		if err != nil {
			return dependant{}, err
		}
		c.caution(rel)
		return dependant{rel.Name, rel.Version, rel.Repository.Alias, rel.Dependencies}, nil
	}
	return c.dependantOf(t)
}

// dependantOf is a Kube that was taken.
func (c *Client) dependantOf(t *Taken) (dependant, error) {
	d := dependantOf(t.Kube)
	switch {
	case t.Release != nil:
		d.repository = t.Release.Repository.Alias
	case t.Copy != nil:
		o, _, err := c.Origin(t.Kube.Name)
		if err != nil {
			return dependant{}, err
		}
		d.repository = o.Alias
	}
	return d, nil
}

// dependantOf is a Kube that is at hand.
func dependantOf(k *kube.Kube) dependant {
	d := dependant{name: k.Name, version: k.Version.Original()}
	for _, need := range k.Dependencies {
		d.needs = append(d.needs, index.Dependency{Name: need.Name, Version: need.Version.String()})
	}
	return d
}
