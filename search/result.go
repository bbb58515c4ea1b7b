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
	if limit <= 0 {
		limit = c.seal.Lines
	}
	if len(p.words) == 0 {
		return c.browse(ctx, p.facets, limit)
	}
	b, err := newBuilder()
	if err != nil {
		return Result{}, err
	}
	res, err := c.rank(ctx, b.query(p, b.exact), limit)
	if err != nil || res.Total > 0 {
		return res, err
	}
	res, err = c.rank(ctx, b.query(p, b.similar), limit)
	res.DidYouMean = res.Total > 0
	return res, err
}

// browse lists by name what all facets match.
func (c *Catalog) browse(ctx context.Context, facets []facet, limit int) (Result, error) {
	if len(facets) == 0 {
		return c.all(ctx, limit)
	}
	req := bleve.NewSearchRequestOptions(allFacets(facets), limit, 0, false)
	req.SortBy([]string{"_id"})
	req.Score = "none"
	res, _, err := c.find(ctx, req)
	return res, err
}

// all lists every Kube that is not gone, without a query: the names are in the
// index in their order.
func (c *Catalog) all(ctx context.Context, limit int) (Result, error) {
	names, err := c.Names(ctx, "", limit)
	if err != nil {
		return Result{}, err
	}
	res := Result{Total: c.seal.Kubes, Hits: make([]Hit, len(names))}
	for i, name := range names {
		fields, err := c.fields(name)
		if err != nil {
			return Result{}, err
		}
		res.Hits[i] = newHit(name, func(field string) string { return string(fields[field]) })
	}
	return res, nil
}

// rank gives the first of the hits by falling score, then by name.
//
// Bleve orders equal scores by where the documents lie, which is another place
// in every catalog; ordering by name there would cost the name of every hit. So
// it is asked for more hits than wanted, until the last of them is surely
// behind the last that is wanted.
func (c *Catalog) rank(ctx context.Context, q query.Query, limit int) (Result, error) {
	for size := limit + margin; ; size *= 4 {
		res, scores, err := c.find(ctx, bleve.NewSearchRequestOptions(q, size, 0, false))
		if err != nil {
			return Result{}, err
		}
		if n := len(scores); n == size && scores[n-1] == scores[limit-1] {
			continue
		}
		byRank(res.Hits, scores)
		res.Hits = res.Hits[:min(limit, len(res.Hits))]
		return res, nil
	}
}

// margin is how many hits more than wanted are asked for at first.
const margin = 16

// find runs a request. The scores are those of the hits, as byRank compares
// them.
func (c *Catalog) find(ctx context.Context, req *bleve.SearchRequest) (Result, []float32, error) {
	req.Fields = []string{versionField, descriptionField, deprecatedField, yankedField}
	found, err := c.run(ctx, req)
	if err != nil {
		return Result{}, nil, err
	}
	res := Result{Total: int(found.Total), Hits: make([]Hit, len(found.Hits))}
	scores := make([]float32, len(found.Hits))
	for i, doc := range found.Hits {
		scores[i] = float32(doc.Score)
		res.Hits[i] = newHit(doc.ID, func(field string) string {
			text, _ := doc.Fields[field].(string)
			return text
		})
	}
	return res, scores, nil
}

func newHit(name string, field func(string) string) Hit {
	return Hit{
		Name:        name,
		Version:     field(versionField),
		Description: field(descriptionField),
		Deprecated:  field(deprecatedField),
		Yanked:      field(yankedField),
	}
}

func (c *Catalog) run(ctx context.Context, req *bleve.SearchRequest) (res *bleve.SearchResult, err error) {
	defer guard(&err, debug.SetPanicOnFault(true))
	res, err = c.index.SearchInContext(ctx, req)
	if err == nil && res.Status.Failed > 0 {
		err = fmt.Errorf("%w: %v", ErrCorrupt, res.Status.Errors)
	}
	if err == nil || ctx.Err() != nil {
		return res, err
	}
	return nil, fmt.Errorf("searching: %w", corrupt(err))
}
