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

// mergeTime bounds a merge of small segments. Bleve tries a merge that fails
// for ever; the index is sound without it.
const mergeTime = time.Minute

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
	ix, err := bleve.OpenUsing(u.path, map[string]any{"bolt_timeout": boltTimeout})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ix.Close()) }()
	if u.mergeBelow > 0 {
		if err := u.merge(ctx, ix); err != nil {
			return fmt.Errorf("merging segments: %w", err)
		}
	}
	return u.write(ix)
}

func (u upsert) write(ix bleve.Index) error {
	batch := ix.NewBatch()
	for _, line := range u.lines {
		if err := batch.Index(line.Name, newEntry(line)); err != nil {
			return fmt.Errorf("indexing %q: %w", line.Name, err)
		}
	}
	return ix.Batch(batch)
}

// merge makes one segment of the small ones that updates added, and leaves the
// large one of the last full build.
func (u upsert) merge(ctx context.Context, ix bleve.Index) error {
	advanced, err := ix.Advanced()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mergeTime)
	defer cancel()
	options := mergeplan.SingleSegmentMergePlanOptions
	options.MaxSegmentSize = 2 * int64(u.mergeBelow) // Bleve merges what is below half of it
	return advanced.(*scorch.Scorch).ForceMerge(ctx, &options)
}
