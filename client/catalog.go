package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/search"
)

// shelf is the open catalog of a repository.
type shelf struct {
	repo Repository
	*search.Catalog
}

// shelves opens the catalogs of all repositories, or of the one with that
// alias. The caller closes them. A repository that was never updated is an
// error only when it was asked for by name or is the only one; a notice is
// given otherwise.
func (c *Client) shelves(alias string) ([]shelf, error) {
	repos, err := c.repositories(alias)
	if err != nil {
		return nil, err
	}
	var open []shelf
	for _, r := range repos {
		s, err := c.shelf(r)
		switch missing := new(NotUpdatedError); {
		case errors.As(err, &missing) && len(repos) > 1:
			c.note(fmt.Sprintf("%v; type `kpm update`", err))
		case err != nil:
			closeAll(open)
			return nil, err
		default:
			open = append(open, s)
		}
	}
	if len(open) == 0 {
		return nil, &NotUpdatedError{repos[0].Alias}
	}
	return open, nil
}

func (c *Client) shelf(r Repository) (shelf, error) {
	cat, err := c.store(r).Open()
	switch {
	case errors.Is(err, search.ErrNone):
		return shelf{}, &NotUpdatedError{r.Alias}
	case err != nil:
		return shelf{}, fmt.Errorf("opening the catalog of %s: %w", r.Alias, err)
	}
	return shelf{r, cat}, nil
}

func (c *Client) store(r Repository) search.Store {
	return search.Store{Dir: c.Home.Repository(r.Alias)}
}

func closeAll(shelves []shelf) {
	for _, s := range shelves {
		_ = s.Close() //nolint:errcheck // open for reading only
	}
}

// find gives the one repository that has a Kube of that name, and its record.
func (c *Client) find(ctx context.Context, r Ref) (Repository, index.Line, error) {
	shelves, err := c.shelves(r.Repository)
	var missing *NotFoundError
	if errors.As(err, &missing) {
		missing.Near = r.folder()
	}
	if err != nil {
		return Repository{}, index.Line{}, err
	}
	defer closeAll(shelves)
	var at []Repository
	var line index.Line
	var gone error
	for _, s := range shelves {
		l, ok, err := s.Get(r.Name)
		switch {
		case err != nil:
			return Repository{}, index.Line{}, fmt.Errorf("reading the catalog of %s: %w", s.repo.Alias, err)
		case ok && l.Gone != "":
			gone = &GoneError{r.Name, s.repo.Alias, kube.Clean(l.Gone, false)}
		case ok:
			at, line = append(at, s.repo), l
		}
	}
	switch {
	case len(at) == 1:
		return at[0], line, nil
	case len(at) > 1:
		return Repository{}, index.Line{}, &AmbiguousError{r.Name, aliases(at)}
	case gone != nil:
		return Repository{}, index.Line{}, gone
	}
	return Repository{}, index.Line{}, &NotFoundError{What: fmt.Sprintf("Kube %q", r.Name), Near: append(r.folder(), near(ctx, shelves, r.Name)...)}
}

// near lists names that are spelled like name, best first.
func near(ctx context.Context, shelves []shelf, name string) []string {
	const most = 3
	var names []string
	for _, s := range shelves {
		found, err := s.Search(ctx, name, most)
		if err != nil {
			continue // a hint less
		}
		for _, h := range found.Hits {
			if !slices.Contains(names, h.Name) && kube.ValidName(h.Name) == nil {
				names = append(names, h.Name)
			}
		}
	}
	return names[:min(len(names), most)]
}
