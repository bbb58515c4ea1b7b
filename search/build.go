package search

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"

	"github.com/kpm-sh/kpm/internal/index"
)

// batchSize is how many documents the builder holds before it writes a
// segment: larger ones save little time and cost memory in proportion.
const batchSize = 1000

// Replace makes a generation of these lines alone, which may come in any order
// but name each Kube once. Nothing of the current generation is used, so it also
// mends a damaged one. An error that lines yields is returned, and nothing has
// changed then.
func (w *Writer) Replace(ctx context.Context, lines iter.Seq2[index.Line, error], state []byte) error {
	err := w.publish(state, func(dir string) (seal, error) {
		n, err := w.build(ctx, filepath.Join(dir, indexFolder), lines)
		return seal{Mapping: mappingVersion, Lines: n}, err
	})
	if err != nil {
		return fmt.Errorf("building the catalog: %w", err)
	}
	return nil
}

// build writes a new index to path and returns how many lines it holds.
func (w *Writer) build(ctx context.Context, path string, lines iter.Seq2[index.Line, error]) (int, error) {
	m, err := newMapping()
	if err != nil {
		return 0, err
	}
	b, err := bleve.NewBuilder(path, m, map[string]any{"batchSize": batchSize, "buildPathPrefix": w.store.Dir})
	if err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for line, err := range lines {
		if err != nil {
			return 0, err
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if seen[line.Name] {
			return 0, fmt.Errorf("two lines of %q", line.Name)
		}
		seen[line.Name] = true
		if err := b.Index(line.Name, newEntry(line)); err != nil {
			return 0, fmt.Errorf("indexing %q: %w", line.Name, err)
		}
	}
	if len(seen) == 0 {
		return 0, buildEmpty(path, m) // closing a builder without documents panics
	}
	return len(seen), b.Close()
}

// buildEmpty replaces what a builder began at path by an index of nothing.
func buildEmpty(path string, m mapping.IndexMapping) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	ix, err := bleve.New(path, m)
	if err != nil {
		return err
	}
	return ix.Close()
}
