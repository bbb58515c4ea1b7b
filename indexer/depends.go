package indexer

import (
	"context"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// dependencies refuses those of a Kube that the repository does not have, or not in a
// version that is wanted: of the folder, or published.
func (c *checker) dependencies(ctx context.Context, f folder) kube.Problems {
	var ps kube.Problems
	data, _ := f.kube.File(kube.MetaPath)
	for _, d := range f.kube.Dependencies {
		if text := c.unmet(ctx, d); text != "" {
			ps = append(ps, kube.Problem{
				Path: f.name + "/" + kube.MetaPath, Line: yamlnode.Line(data, "dependencies"), Rule: "dependency",
				Message: fmt.Sprintf("it needs %s %s, and %s", d.Name, d.Version, text),
			})
		}
	}
	return ps
}

// unmet says why nothing in the repository is what a dependency wants, "" if something is.
func (c *checker) unmet(ctx context.Context, d kube.Dependency) string {
	if _, ok := slices.BinarySearch(c.all, d.Name); !ok {
		near, edits := kube.Nearest(d.Name, c.all)
		if edits >= 0 && edits <= 2 {
			return fmt.Sprintf("the packages folder has no such Kube; the nearest is %s", near)
		}
		return "the packages folder has no such Kube"
	}
	other, ps := readFolder(c.Packages, d.Name)
	if other.releases.Gone != "" {
		return "that Kube is gone: " + other.releases.Gone
	}
	if ps.Err() != nil || other.kube == nil {
		return "" // it is refused itself
	}
	if d.Version.Admits(other.kube.Version) || c.published(ctx, d) {
		return ""
	}
	return fmt.Sprintf("there is only %s", other.kube.Version)
}

// published tells whether a release of what is published is what a dependency wants.
func (c *checker) published(ctx context.Context, d kube.Dependency) bool {
	if c.revise == nil {
		return false
	}
	line, ok := c.revise.published.line(d.Name)
	if !ok || line.Gone != "" {
		return false
	}
	doc, err := readDocument(ctx, line, c.revise.read)
	if err != nil {
		return true // another check tells
	}
	return slices.ContainsFunc(doc.Releases, func(rel index.Release) bool {
		v, err := kube.ParseVersion(rel.Version)
		return err == nil && rel.Withdrawn == "" && (rel.Yanked == nil || !rel.Yanked.Revoked) && d.Version.Admits(v)
	})
}
