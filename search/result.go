package search

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
)

// Result is what a search found.
type Result struct {
	Hits       []Hit
	Total      int  // also those beyond the limit
	DidYouMean bool // nothing matched; the hits are spelled similarly
}

// Hit is what a list of Kubes shows of one. Catalog.Get has the rest.
type Hit struct {
	Name        string
	Version     string
	Description string
	Deprecated  string // why, and what to use instead
	Yanked      string // why all its releases are
}

// Search finds Kubes by a pattern and returns the first of them, or all when
// limit is 0. An empty pattern finds all. Errors wrap ErrQuery when the pattern
// is at fault, ErrCorrupt when the catalog is.
func (c *Catalog) Search(ctx context.Context, text string, limit int) (Result, error) {
	p, err := parsePattern(text)
	if err != nil {
		return Result{}, err
	}
	b := newBuilder(c.index.Mapping())
	res, err := c.find(ctx, b.query(p, b.exact), limit)
	if err != nil || res.Total > 0 || len(p.words) == 0 {
		return res, err
	}
	res, err = c.find(ctx, b.query(p, b.similar), limit)
	res.DidYouMean = res.Total > 0
	return res, err
}

// Names lists the names that begin with prefix, ascending, at most limit of
// them or all when limit is 0. Gone Kubes are not among them.
func (c *Catalog) Names(ctx context.Context, prefix string, limit int) ([]string, error) {
	var q query.Query = boost(bleve.NewPrefixQuery(prefix), nameField, 1)
	if prefix == "" {
		q = boost(bleve.NewTermQuery(shownTerm), shownField, 1)
	}
	found, err := c.run(ctx, c.request(q, limit, "_id"))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(found.Hits))
	for i, hit := range found.Hits {
		names[i] = hit.ID
	}
	return names, nil
}

func (c *Catalog) countShown() (int, error) {
	q := boost(bleve.NewTermQuery(shownTerm), shownField, 1)
	found, err := c.run(context.Background(), bleve.NewSearchRequestOptions(q, 0, 0, false))
	if err != nil {
		return 0, err
	}
	return int(found.Total), nil
}

func (c *Catalog) find(ctx context.Context, q query.Query, limit int) (Result, error) {
	req := c.request(q, limit, "-_score", "_id")
	req.Fields = []string{versionField, descriptionField, deprecatedField, yankedField}
	found, err := c.run(ctx, req)
	if err != nil {
		return Result{}, err
	}
	res := Result{Total: int(found.Total), Hits: make([]Hit, len(found.Hits))}
	for i, hit := range found.Hits {
		text := func(field string) string { s, _ := hit.Fields[field].(string); return s }
		res.Hits[i] = Hit{hit.ID, text(versionField), text(descriptionField), text(deprecatedField), text(yankedField)}
	}
	return res, nil
}

func (c *Catalog) request(q query.Query, limit int, order ...string) *bleve.SearchRequest {
	if limit <= 0 {
		limit = c.seal.Lines
	}
	req := bleve.NewSearchRequestOptions(q, limit, 0, false)
	req.SortBy(order)
	return req
}

func (c *Catalog) run(ctx context.Context, req *bleve.SearchRequest) (res *bleve.SearchResult, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	res, err = c.index.SearchInContext(ctx, req)
	if err == nil && res.Status != nil && res.Status.Failed > 0 {
		err = fmt.Errorf("%w: %v", ErrCorrupt, res.Status.Errors)
	}
	if err == nil || ctx.Err() != nil {
		return res, err
	}
	return nil, fmt.Errorf("searching: %w", corrupt(err))
}
