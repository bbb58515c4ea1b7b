package search

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/blevesearch/bleve/v2"

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
	s := seal{Mapping: mappingVersion, Lines: c.seal.Lines + added, Updated: c.seal.Updated + len(changed)}
	return s, upsert(filepath.Join(dir, indexFolder), changed)
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
	defer in.Close()
	out, err := os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// upsert writes all lines to the index at path in one batch, which Bleve makes
// durable before it returns.
func upsert(path string, lines []index.Line) (err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	ix, err := bleve.OpenUsing(path, map[string]any{"bolt_timeout": boltTimeout})
	if err != nil {
		return err
	}
	batch := ix.NewBatch()
	for _, line := range lines {
		if err := batch.Index(line.Name, newEntry(line)); err != nil {
			return errors.Join(fmt.Errorf("indexing %q: %w", line.Name, err), ix.Close())
		}
	}
	return errors.Join(ix.Batch(batch), ix.Close())
}
