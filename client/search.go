package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/search"
)

// Hit is a Kube that a search found, and the repository that has it.
type Hit struct {
	Repository string
	search.Hit
}

// Found is the answer to a search.
type Found struct {
	Hits         []Hit
	Total        int  // also those beyond the limit
	DidYouMean   bool // nothing matched; the hits are spelled similarly
	Repositories int  // how many were searched
}

// Search looks for Kubes in all catalogs, or in that of one repository, and
// gives the first of them, all when limit is 0. The order is fixed: the first
// hits of all repositories in their order, then the second ones, and so on.
func (c *Client) Search(ctx context.Context, alias, pattern string, limit int) (Found, error) {
	shelves, err := c.shelves(alias)
	if err != nil {
		return Found{}, err
	}
	defer closeAll(shelves)
	results := make([]search.Result, len(shelves))
	for i, s := range shelves {
		if results[i], err = s.Search(ctx, pattern, limit); err != nil {
			return Found{}, searchError(s.repo.Alias, err)
		}
	}
	dropGuesses(results)
	found := Found{Repositories: len(shelves)}
	longest := 0
	for _, r := range results {
		found.Total += r.Total
		found.DidYouMean = found.DidYouMean || r.DidYouMean
		longest = max(longest, len(r.Hits))
	}
	for row := range longest {
		for i, r := range results {
			if row < len(r.Hits) {
				found.Hits = append(found.Hits, Hit{shelves[i].repo.Alias, r.Hits[row]})
			}
		}
	}
	if limit > 0 {
		found.Hits = found.Hits[:min(limit, len(found.Hits))]
	}
	return found, nil
}

// dropGuesses drops hits of similar spelling when another repository has what
// was asked for.
func dropGuesses(results []search.Result) {
	if !slices.ContainsFunc(results, func(r search.Result) bool { return r.Total > 0 && !r.DidYouMean }) {
		return
	}
	for i, r := range results {
		if r.DidYouMean {
			results[i] = search.Result{}
		}
	}
}

func searchError(alias string, err error) error {
	if errors.Is(err, search.ErrQuery) {
		return &UsageError{err}
	}
	return fmt.Errorf("searching %s: %w", alias, err)
}

// Names lists the names of Kubes that begin with prefix, ascending, at most
// limit of them. It is what completion shows.
func (c *Client) Names(ctx context.Context, prefix string, limit int) ([]string, error) {
	shelves, err := c.shelves("")
	if err != nil {
		return nil, err
	}
	defer closeAll(shelves)
	var all []string
	for _, s := range shelves {
		names, err := s.Names(ctx, prefix, limit)
		if err != nil {
			return nil, searchError(s.repo.Alias, err)
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	return all, nil
}
