package search

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"

	"github.com/kpm-sh/kpm/internal/index"
)

// Names lists the names that begin with prefix, ascending: the first of them,
// or all when limit is 0. Gone Kubes are not among them.
func (c *Catalog) Names(ctx context.Context, prefix string, limit int) ([]string, error) {
	if limit <= 0 {
		limit = c.seal.Lines
	}
	var names []string
	for name, err := range c.terms(nameField, prefix) {
		if err != nil || len(names) == limit {
			return names, err
		}
		ok, err := c.shown(ctx, name)
		if err != nil {
			return nil, err
		}
		if ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// Lines yields all lines, those of gone Kubes included, ascending by name, and
// ends after the first error.
func (c *Catalog) Lines() iter.Seq2[index.Line, error] {
	return func(yield func(index.Line, error) bool) {
		// Lines are replaced but never deleted: the dictionary has no name too many.
		for name, err := range c.terms("_id", "") {
			var line index.Line
			ok := true
			if err == nil {
				line, ok, err = c.Get(name)
			}
			if !ok && err == nil {
				err = fmt.Errorf("%w: no line of %q", ErrCorrupt, name)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// shown reports whether a name in the dictionary is that of a Kube which is not
// gone: a segment keeps the terms of documents that were replaced.
func (c *Catalog) shown(ctx context.Context, name string) (ok bool, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	r, err := c.reader.TermFieldReader(ctx, []byte(name), nameField, false, false, false)
	if err != nil {
		return false, corrupt(err)
	}
	defer r.Close() //nolint:errcheck // open for reading only
	doc, err := r.Next(nil)
	if err != nil {
		return false, corrupt(err)
	}
	return doc != nil, nil
}
