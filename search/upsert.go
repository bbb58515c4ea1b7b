package search

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"

	"github.com/kpm-sh/kpm/internal/index"
)

// mergeTime bounds a merge of segments. Bleve tries a merge that fails for ever;
// the index is sound without it.
const mergeTime = time.Minute

// openForWriting opens an index that no reader knows yet. Its segments are written
// as they come, and merged only by mergeSegments: neither in memory before they are
// written nor behind our back.
func openForWriting(path string) (bleve.Index, error) {
	return bleve.OpenUsing(path, map[string]any{
		"bolt_timeout":           boltTimeout,
		"scorchPersisterOptions": map[string]any{"MemoryPressurePauseThreshold": 0},
		"scorchMergePlanOptions": map[string]any{"MaxSegmentsPerTier": 1000, "FloorSegmentSize": 1},
	})
}

// writeLines makes one segment of the lines, which is durable when it returns.
func writeLines(ix bleve.Index, lines []index.Line) error {
	batch := ix.NewBatch()
	for _, line := range lines {
		if err := batch.Index(line.Name, newEntry(line)); err != nil {
			return fmt.Errorf("indexing %q: %w", line.Name, err)
		}
	}
	return ix.Batch(batch)
}

// mergeSegments makes one segment of those that have fewer live documents than
// below.
func mergeSegments(ctx context.Context, ix bleve.Index, below int) error {
	advanced, err := ix.Advanced()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mergeTime)
	defer cancel()
	options := mergeplan.SingleSegmentMergePlanOptions
	options.MaxSegmentSize = 2 * int64(below) // Bleve merges what is below half of it
	if err := advanced.(*scorch.Scorch).ForceMerge(ctx, &options); err != nil {
		return fmt.Errorf("merging segments: %w", err)
	}
	return nil
}

// upsert is a change of an index that no reader knows yet.
type upsert struct {
	path       string
	lines      []index.Line
	mergeBelow int // merge the segments of fewer documents first; 0 is none
}

// run writes all lines in one batch, which Bleve makes durable, with the merge
// before it, before it returns.
func (u upsert) run(ctx context.Context) (err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	ix, err := openForWriting(u.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ix.Close()) }()
	if u.mergeBelow > 0 {
		if err := mergeSegments(ctx, ix, u.mergeBelow); err != nil {
			return err
		}
	}
	return writeLines(ix, u.lines)
}
