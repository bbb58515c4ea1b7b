package search

import (
	"context"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/index"
)

const (
	// maxUpserted is how many segments updates may have added to those of the last
	// full build before the next one merges the small ones. Each adds about one.
	maxUpserted = 7

	// maxUpdated is the share of upserts since the last full build, as
	// 1/maxUpdated of the lines, above which the next update builds anew: what
	// an upsert replaces stays in its segment, and still weighs in the scores.
	maxUpdated = 4
)

// needsBuild reports whether n more upserts are better built anew.
func (c *Catalog) needsBuild(n int) bool {
	return c.seal.Mapping != mappingVersion ||
		n > 0 && (c.seal.Updated+n)*maxUpdated > c.seal.Lines
}

// clone writes the generation with the changed lines to dir and returns its
// seal. The segments are shared by hard links; the index is opened for writing
// only in its new place.
func (c *Catalog) clone(ctx context.Context, dir string, changed []index.Line) (seal, error) {
	added := 0
	for _, line := range changed {
		_, known, err := c.raw(line.Name)
		if err != nil {
			return seal{}, err
		}
		if !known {
			added++
		}
	}
	for name := range c.seal.Files {
		if ctx.Err() != nil {
			return seal{}, context.Cause(ctx)
		}
		if err := cloneFile(c.dir, dir, filepath.FromSlash(name)); err != nil {
			return seal{}, err
		}
	}
	s := seal{Mapping: mappingVersion, Lines: c.seal.Lines + added, Updated: c.seal.Updated + len(changed), Base: max(c.seal.Base, 1)}
	w := upsert{path: filepath.Join(dir, indexFolder), lines: changed}
	if c.seal.Segments-s.Base >= maxUpserted {
		w.mergeBelow = c.seal.Lines / s.Base / 2 // what updates added, not what the build left
	}
	return s, w.run(ctx)
}

func cloneFile(from, to, name string) error {
	src, dst := filepath.Join(from, name), filepath.Join(to, name)
	if err := os.MkdirAll(filepath.Dir(dst), 0o700); err != nil {
		return err
	}
	if isSegment(name) && os.Link(src, dst) == nil {
		return nil
	}
	return copyFile(src, dst)
}
