package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/blevesearch/bleve/v2"
	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/index"
)

const (
	// baseSegments is how many segments a full build makes at most, on all cores.
	// They stay as they are: merging them costs half as much again as making them.
	baseSegments = 10

	// chunkSize is how many lines make one segment of these. Of more lines than
	// that gives Bleve's offline builder makes one segment, on one core: many
	// segments at once would want more memory than an update may take.
	chunkSize = 1000

	// batchSize is how many lines the offline builder holds before it writes:
	// more save little time and cost memory in proportion.
	batchSize = 1000
)

// Replace makes a generation of these lines alone, which may come in any order
// but name each Kube once. Nothing of the current generation is used, so it also
// mends a damaged one. An error that lines yields is returned, and nothing has
// changed then.
func (w *Writer) Replace(ctx context.Context, lines iter.Seq2[index.Line, error], state []byte) error {
	err := w.publish(state, func(dir string) (seal, error) {
		return w.build(ctx, filepath.Join(dir, indexFolder), lines)
	})
	if err != nil {
		return fmt.Errorf("building the catalog: %w", err)
	}
	return nil
}

// build writes a new index to path, and gives its seal without the files.
func (w *Writer) build(ctx context.Context, path string, lines iter.Seq2[index.Line, error]) (s seal, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	s = seal{Mapping: mappingVersion, Base: 1}
	next, stop := iter.Pull2(distinct(ctx, lines))
	defer stop()
	chunk := cmp.Or(w.store.chunk, chunkSize)
	small := baseSegments * chunk
	first, err := nextLines(next, small+1)
	if err != nil {
		return s, err
	}
	if len(first) <= small {
		s.Lines, s.Base = len(first), max(1, (len(first)+chunk-1)/chunk)
		return s, buildSmall(path, slices.Chunk(first, chunk))
	}
	s.Lines, err = w.buildLarge(path, first, next)
	return s, err
}

// distinct yields lines until one comes twice, or ctx is done.
func distinct(ctx context.Context, lines iter.Seq2[index.Line, error]) iter.Seq2[index.Line, error] {
	return func(yield func(index.Line, error) bool) {
		seen := map[string]bool{}
		for line, err := range lines {
			switch {
			case err != nil:
			case ctx.Err() != nil:
				err = context.Cause(ctx)
			case seen[line.Name]:
				err = fmt.Errorf("two lines of %q", line.Name)
			}
			seen[line.Name] = true
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// nextLines gives the next lines, n at most.
func nextLines(next func() (index.Line, error, bool), n int) ([]index.Line, error) {
	var lines []index.Line
	for len(lines) < n {
		line, err, ok := next()
		if err != nil || !ok {
			return lines, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// buildSmall makes a segment of each chunk, on all cores.
func buildSmall(path string, chunks iter.Seq[[]index.Line]) (err error) {
	m, err := newMapping()
	if err != nil {
		return err
	}
	empty, err := bleve.New(path, m)
	if err != nil {
		return err
	}
	if err := empty.Close(); err != nil {
		return err
	}
	ix, err := openForWriting(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ix.Close()) }()
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for chunk := range chunks {
		g.Go(func() error { return writeLines(ix, chunk) })
	}
	return g.Wait()
}

// buildLarge makes one segment of the first lines and those that follow, and says
// how many these are.
func (w *Writer) buildLarge(path string, first []index.Line, next func() (index.Line, error, bool)) (int, error) {
	m, err := newMapping()
	if err != nil {
		return 0, err
	}
	b, err := bleve.NewBuilder(path, m, map[string]any{"batchSize": batchSize, "buildPathPrefix": w.store.Dir})
	if err != nil {
		return 0, err
	}
	n := 0
	for lines := first; len(lines) > 0; {
		for _, line := range lines {
			if err := b.Index(line.Name, newEntry(line)); err != nil {
				return 0, fmt.Errorf("indexing %q: %w", line.Name, err)
			}
		}
		n += len(lines)
		if lines, err = nextLines(next, batchSize); err != nil {
			return 0, err
		}
	}
	return n, b.Close()
}
