package indexer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
)

// reach finds what heads lead to. It reads each part and each document once,
// however many heads name it.
//
// It goes by all listed segments, so it also finds documents that a later one
// of the same Kube has replaced: a client in the middle of an update may still
// ask for them.
type reach struct {
	read   func(ctx context.Context, path string, ref index.Ref) ([]byte, error)
	report Report
	// document is told of every document once; it may be nil.
	document func(d *index.Document, object index.Digest) error

	files map[string]index.Ref // by path
}

// head adds everything that h leads to.
func (r *reach) head(ctx context.Context, h *index.Head) error {
	docs := map[string]index.Line{}
	for _, s := range h.Segments {
		for _, p := range s.Parts {
			path := index.ObjectPath(p.SHA256)
			if _, seen := r.files[path]; seen {
				continue
			}
			data, err := r.read(ctx, path, p.Ref())
			if err != nil {
				return fmt.Errorf("head %d: %w", h.Seq, err)
			}
			r.files[path] = p.Ref()
			lines, err := index.DecodePart(s, p, data)
			if err != nil {
				return fmt.Errorf("head %d: %w", h.Seq, err)
			}
			for _, l := range lines {
				docs[index.ObjectPath(l.Doc.SHA256)] = l
			}
		}
	}
	return r.documents(ctx, docs)
}

func (r *reach) documents(ctx context.Context, docs map[string]index.Line) error {
	maps.DeleteFunc(docs, func(path string, _ index.Line) bool {
		_, seen := r.files[path]
		return seen
	})
	done := r.report.stage("reading documents", len(docs))
	for _, path := range slices.Sorted(maps.Keys(docs)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		l := docs[path]
		data, err := r.read(ctx, path, l.Doc)
		if err != nil {
			return fmt.Errorf("document of %s: %w", l.Name, err)
		}
		d, err := index.DecodeDocument(l.Name, data)
		if err != nil {
			return err
		}
		r.files[path] = l.Doc
		maps.Copy(r.files, files(d))
		if r.document != nil {
			if err := r.document(d, l.Doc.SHA256); err != nil {
				return err
			}
		}
		done()
	}
	return nil
}
