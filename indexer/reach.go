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
	read   reader
	report Report
	// document is told of every document once; it may be nil.
	document func(*index.Document)
	// fault is told what cannot be read, and goes on if it returns nil. Where
	// it is nil itself, the first fault ends the walk.
	fault func(error) error

	files map[string]index.Ref // by path
}

func (r *reach) failed(err error) error {
	if err != nil && r.fault != nil {
		return r.fault(err)
	}
	return err
}

// head adds everything that h leads to.
func (r *reach) head(ctx context.Context, h *index.Head) error {
	docs := map[string]index.Line{}
	for _, s := range h.Segments {
		for i := range s.Parts {
			if err := r.part(ctx, s, i, docs); err != nil {
				if err := r.failed(fmt.Errorf("head %d: %w", h.Seq, err)); err != nil {
					return err
				}
			}
		}
	}
	return r.documents(ctx, docs)
}

// part adds part i of s, and notes the documents that its records name.
func (r *reach) part(ctx context.Context, s index.Segment, i int, docs map[string]index.Line) error {
	p := s.Parts[i]
	path := index.ObjectPath(p.SHA256)
	if _, seen := r.files[path]; seen {
		return nil
	}
	r.files[path] = p.Ref()
	data, err := r.read(ctx, path, p.Ref())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	lines, err := index.DecodePart(s, i, data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, l := range lines {
		docs[index.ObjectPath(l.Doc.SHA256)] = l
	}
	return nil
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
		if err := r.failed(r.one(ctx, path, docs[path])); err != nil {
			return err
		}
		done()
	}
	return nil
}

// one adds a document and the files of its releases.
func (r *reach) one(ctx context.Context, path string, l index.Line) error {
	r.files[path] = l.Doc
	d, err := readDocument(ctx, l, r.read)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	maps.Copy(r.files, files(d))
	if r.document != nil {
		r.document(d)
	}
	return nil
}
