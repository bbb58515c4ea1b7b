package client

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/search"
)

// Updated says what an update of a repository did. With Err it did nothing.
type Updated struct {
	Repository string // alias
	Err        error

	Changes
	Kubes     int64 // in the repository now
	First     bool  // there was no catalog before, or none that could be used
	Unchanged bool  // there was nothing new
	Issued    time.Time
	Requests  int64
	Bytes     int64 // of bodies received, as they came over the wire
}

// Update updates all repositories, or the one with that alias, and tells each
// as soon as it is done. One that fails does not keep others from being
// updated; the error is that of the first that failed.
func (c *Client) Update(ctx context.Context, alias string, each func(Updated)) error {
	repos, err := c.repositories(alias)
	if err != nil {
		return err
	}
	var first error
	for _, r := range repos {
		u := c.update(ctx, r)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each(u)
		if first == nil {
			first = u.Err
		}
	}
	return first
}

func (c *Client) update(ctx context.Context, r Repository) Updated {
	u := Updated{Repository: r.Alias}
	sources, err := c.sources(r)
	if err != nil {
		u.Err = err
		return u
	}
	defer closeSources(sources)
	u.Err = c.locked(ctx, r, func(w *search.Writer) error {
		s := &pull{c: c, repo: r, sources: sources, writer: w}
		return s.run(ctx, &u)
	})
	for _, s := range sources {
		requests, bytes := s.Stats()
		u.Requests += requests
		u.Bytes += bytes
	}
	return u
}

// locked runs do as the one writer of a repository's folder.
func (c *Client) locked(ctx context.Context, r Repository, do func(*search.Writer) error) error {
	dir := c.Home.Repository(r.Alias)
	if err := c.Home.Make(dir); err != nil {
		return err
	}
	w, err := c.store(r).Lock(ctx)
	if err != nil {
		return err
	}
	defer w.Unlock()
	if err := errors.Join(atomicfile.Sweep(dir), atomicfile.Sweep(filepath.Join(dir, "trust"))); err != nil {
		return err
	}
	return do(w)
}
