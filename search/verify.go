package search

import (
	"errors"
	"runtime/debug"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
)

// verify opens a new generation as a reader would, and counts what its seal
// says of it.
func (s *seal) verify(dir string) error {
	c, err := openSealed(dir, *s)
	if err != nil {
		return err
	}
	s.Segments = len(c.reader.(*scorch.IndexSnapshot).Segments())
	s.Kubes, err = c.countShown()
	return errors.Join(err, c.Close())
}

func (c *Catalog) countShown() (n int, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	q := boost(bleve.NewTermQuery(shownTerm), shownField, 1)
	found, err := c.index.Search(bleve.NewSearchRequestOptions(q, 0, 0, false))
	if err != nil {
		return 0, err
	}
	return int(found.Total), nil
}
