package search

import (
	"iter"
	"runtime/debug"

	bleveindex "github.com/blevesearch/bleve_index_api"
)

// terms yields the terms of a field that begin with prefix, ascending, each
// once, and ends after the first error.
func (c *Catalog) terms(field, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		dict, err := c.dictionary(field, prefix)
		if err != nil {
			yield("", err)
			return
		}
		defer dict.Close() //nolint:errcheck // open for reading only
		for {
			term, ok, err := nextTerm(dict)
			if err == nil && !ok {
				return
			}
			if !yield(term, err) || err != nil {
				return
			}
		}
	}
}

func (c *Catalog) dictionary(field, prefix string) (dict bleveindex.FieldDict, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	dict, err = c.reader.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return nil, corrupt(err)
	}
	return dict, nil
}

func nextTerm(dict bleveindex.FieldDict) (term string, ok bool, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	entry, err := dict.Next()
	if err != nil {
		return "", false, corrupt(err)
	}
	if entry == nil {
		return "", false, nil
	}
	return entry.Term, true, nil
}
