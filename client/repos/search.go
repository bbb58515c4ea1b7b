package repos

import (
	"context"
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
func (s *Set) Search(ctx context.Context, alias, pattern string, limit int) (Found, error) {
	all, err := s.catalogs(alias)
	if err != nil {
		return Found{}, err
	}
	results := make([]search.Result, len(all))
	for i, r := range all {
		if results[i], err = r.search(ctx, pattern, limit); err != nil {
			return Found{}, err
		}
	}
	dropGuesses(results)
	found := Found{Repositories: len(all)}
	longest := 0
	for _, r := range results {
		found.Total += r.Total
		found.DidYouMean = found.DidYouMean || r.DidYouMean
		longest = max(longest, len(r.Hits))
	}
	for row := range longest {
		for i, r := range results {
			if row < len(r.Hits) {
				found.Hits = append(found.Hits, Hit{all[i].Alias, r.Hits[row]})
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

// Names lists the names of Kubes that begin with prefix, ascending, at most
// limit of them. It is what completion shows.
func (s *Set) Names(ctx context.Context, prefix string, limit int) ([]string, error) {
	all, err := s.catalogs("")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, r := range all {
		names, err := r.names(ctx, prefix, limit)
		if err != nil {
			return nil, err
		}
		found = append(found, names...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if limit > 0 {
		found = found[:min(limit, len(found))]
	}
	return found, nil
}
