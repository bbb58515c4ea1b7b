package repos

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/search"
)

// Update updates all repositories, or the one with that alias, and tells each
// as soon as it is done. One that fails does not keep others from being
// updated; the error is that of the first that failed.
func (s *Set) Update(ctx context.Context, alias string, each func(Updated)) error {
	configs, err := s.ConfigFile().configs(alias)
	if err != nil {
		return err
	}
	var first error
	for _, c := range configs {
		u := s.update(ctx, c)
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

// update updates one repository. What was opened of it before is dropped: it is
// another one after that.
func (s *Set) update(ctx context.Context, c Config) Updated {
	u := Updated{Repository: c.Alias}
	s.drop(c.Alias)
	r := newRepository(&s.Options, c)
	defer r.close()
	sources, err := r.sources()
	if err != nil {
		u.Err = err
		return u
	}
	u.Err = r.locked(ctx, func(w *search.Writer) error {
		p := &pull{repo: r, sources: sources, writer: w}
		return p.run(ctx, &u)
	})
	for _, src := range sources {
		requests, bytes := src.Stats()
		u.Requests += requests
		u.Bytes += bytes
	}
	return u
}

// locked runs do as the one writer of the repository's folder.
func (r *Repository) locked(ctx context.Context, do func(*search.Writer) error) error {
	dir := r.opt.Home.Repository(r.Alias)
	if err := r.opt.Home.Make(dir); err != nil {
		return err
	}
	w, err := r.store().Lock(ctx)
	if err != nil {
		return err
	}
	defer w.Unlock()
	if err := errors.Join(atomicfile.Sweep(dir), atomicfile.Sweep(filepath.Join(dir, "trust")), atomicfile.Sweep(filepath.Join(dir, documents))); err != nil {
		return err
	}
	return do(w)
}
