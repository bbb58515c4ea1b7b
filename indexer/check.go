package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// CheckOptions say what is checked, and against what.
type CheckOptions struct {
	Packages fs.FS
	Config   Config
	Names    []string // the Kubes that are judged; nil for all
	Changed  []string // of these those that are among them; nil for all
	// Moved are Kubes whose version or releases changed, or that are no more: who
	// needs them, of Names, is judged for that alone.
	Moved []string
	// Previous is the published site that the packages folder is laid over, as
	// a build would do it; nil for none.
	Previous *MaintainOptions
	Report   Report
}

// Checked is what a check found.
type Checked struct {
	Problems kube.Problems // in the order of their paths
	Kubes    []string      // that were judged, ascending
	Head     *index.Head   // of Previous; nil without one
}

// Check judges every Kube of a packages folder and reports all problems at
// once. With Previous it refuses whatever a build would refuse; nothing is
// signed for it.
func Check(ctx context.Context, o CheckOptions) (*Checked, error) {
	all, err := names(o.Packages)
	if err != nil {
		return nil, err
	}
	c := &checker{CheckOptions: o, all: all, needs: &stock{packages: o.Packages, all: all}}
	judged, err := choose(all, o.Names, o.Changed)
	if err != nil {
		return nil, err
	}
	c.out.Kubes = judged
	if c.out.Problems, err = besides(o.Packages); err != nil {
		return nil, err
	}
	if err := c.open(ctx, all); err != nil {
		return nil, err
	}
	if err := c.dependants(ctx, judged); err != nil {
		return nil, err
	}
	err = forEach(ctx, judged, o.Report.stage("checking", len(judged)), func(name string) error { return c.kube(ctx, name) })
	c.out.Problems.Sort()
	return &c.out, err
}

type checker struct {
	CheckOptions
	all    []string // names of all folders
	needs  *stock
	revise *reviser // nil without Previous
	mu     sync.Mutex
	out    Checked
}

func (c *checker) found(ps kube.Problems) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.Problems = append(c.out.Problems, ps...)
}

// open reads what is published, if it is asked for.
func (c *checker) open(ctx context.Context, all []string) error {
	if c.Previous == nil {
		return nil
	}
	r, err := c.Previous.open(ctx)
	if err != nil {
		return err
	}
	if err := agree(c.Config.Name, r.chain); err != nil {
		return err
	}
	c.out.Head = r.published.Head
	c.revise = &reviser{published: r.published, read: r.read, pack: packUnsigned}
	c.found(slices.DeleteFunc(r.published.missing(all), func(p kube.Problem) bool { return !c.concerns(p.Path) }))
	c.needs.published, c.needs.read = r.published, r.read
	return nil
}

// concerns tells whether it is of this check that the folder of a published Kube is not
// there: what others published since a branch began is not taken away by it.
func (c *checker) concerns(name string) bool {
	return c.Names == nil && (c.Changed == nil || slices.Contains(c.Moved, name))
}

// depends judges what a Kube needs. Where its version is out already that is a warning: a
// build takes no release back, and who takes a release with a back door away must not have
// to mend all that need it first.
func (c *checker) depends(ctx context.Context, name string, wanted func(dependency string) bool) kube.Problems {
	ps := c.needs.judge(ctx, name, wanted)
	if len(ps) == 0 || !c.needs.isPublished(ctx, name) {
		return ps
	}
	for i := range ps {
		ps[i].Warning = true
	}
	return ps
}

// dependants judges those that are not judged otherwise and need what moved.
func (c *checker) dependants(ctx context.Context, judged []string) error {
	if len(c.Moved) == 0 {
		return nil
	}
	among, err := choose(c.all, c.Names, nil)
	if err != nil {
		return err
	}
	among = slices.DeleteFunc(among, func(name string) bool { _, ok := slices.BinarySearch(judged, name); return ok })
	for _, name := range c.needs.dependants(among, c.Moved) {
		c.found(c.depends(ctx, name, func(d string) bool { return slices.Contains(c.Moved, d) }))
	}
	return nil
}

// kube checks one folder.
func (c *checker) kube(ctx context.Context, name string) error {
	f, ps := readFolder(c.Packages, name)
	if f.kube != nil {
		facts, more := lint.Kube(ctx, f.kube)
		ps = append(ps, more.In(name)...)
		c.needs.note(f)
		ps = append(ps, c.depends(ctx, name, anything)...)
		if ps.Err() == nil {
			ps = append(ps, facts.Fits(f.kube).In(name)...)
			ps = append(ps, c.served(f)...)
		}
	}
	if c.revise != nil && ps.Err() == nil {
		more, err := c.asBuild(ctx, f)
		if err != nil {
			return err
		}
		ps = append(ps, more...)
	}
	c.found(ps)
	return nil
}

// asBuild is what a build would say of a folder that is valid by itself.
func (c *checker) asBuild(ctx context.Context, f folder) (kube.Problems, error) {
	rev, _, err := c.revise.revise(ctx, f)
	if no, ok := errors.AsType[refusal](err); ok {
		return no.Problems, nil
	}
	if err != nil {
		return nil, err
	}
	if rev == nil {
		line, _ := c.revise.published.line(f.name)
		return warnOfLower(f, line.Version, false), nil
	}
	return append(warnOfDropped(f, rev), warnOfLower(f, rev.Record.Version, rev.released != "")...), nil
}

// served warns of a Kube that no server runs which the repository checks its
// Kubes against.
func (c *checker) served(f folder) kube.Problems {
	for _, version := range c.Config.Kubernetes {
		if ok, err := f.kube.Kubernetes.AdmitsServer(version); ok || err != nil {
			return nil // ParseConfig has read the versions
		}
	}
	if len(c.Config.Kubernetes) == 0 {
		return nil
	}
	data, _ := f.kube.File(kube.MetaPath)
	return kube.Problems{{
		Path: f.name + "/" + kube.MetaPath, Line: yamlnode.Line(data, "kubernetes"), Warning: true,
		Message: fmt.Sprintf("kubernetes is %q, which admits none of the versions that %s names (%s)", f.kube.Kubernetes, ConfigName, strings.Join(c.Config.Kubernetes, ", ")),
	}}
}
