package search

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/index"
)

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

func copyFile(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // open for reading only
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
