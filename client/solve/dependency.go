package solve

import "slices"

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

// Order are the Kubes that the root needs, each once and before those that need
// it: the order in which they would be installed.
func (d *Dependency) Order() []*Dependency {
	var all []*Dependency
	for _, child := range d.Dependencies {
		for _, below := range append(child.Order(), child) {
			if !slices.ContainsFunc(all, func(o *Dependency) bool { return o.Name == below.Name }) {
				all = append(all, below)
			}
		}
	}
	return all
}
