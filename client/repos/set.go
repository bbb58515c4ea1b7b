package repos

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Set is the repositories of a home, each opened once. It is safe for concurrent
// use, and to be closed by who made it.
type Set struct {
	Options

	mu   sync.Mutex
	open map[string]*Repository // by alias
}

// ConfigFile is what the user configured of the home.
func (s *Set) ConfigFile() ConfigFile { return ConfigFile{s.Home} }

// Repository opens the repository with that alias.
func (s *Set) Repository(alias string) (*Repository, error) {
	configs, err := s.ConfigFile().configs(alias)
	if err != nil {
		return nil, err
	}
	return s.opened(configs[0]), nil
}

// Repositories opens all repositories, in the order in which they were added. There
// may be none.
func (s *Set) Repositories() ([]*Repository, error) {
	configs, err := s.ConfigFile().Repositories()
	if err != nil {
		return nil, err
	}
	var all []*Repository
	for _, c := range configs {
		all = append(all, s.opened(c))
	}
	return all, nil
}

// opened is the one handle of a repository, as long as that is configured so.
func (s *Set) opened(c Config) *Repository {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.open[c.Alias]; r != nil && r.equal(c) {
		return r
	}
	if s.open == nil {
		s.open = map[string]*Repository{}
	}
	r := newRepository(&s.Options, c)
	s.open[c.Alias] = r
	return r
}

// Stranger opens a repository that the home has not, until Close.
func (s *Set) Stranger(c Config) *Repository {
	c.Alias = "" // no folder of a home is its
	return s.opened(c)
}

// drop closes a repository that is not what it was.
func (s *Set) drop(alias string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.open[alias]; r != nil {
		r.close()
		delete(s.open, alias)
	}
}

// Close closes what is open. The set opens anew what it is asked for after that.
func (s *Set) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.open {
		r.close()
	}
	s.open = nil
}

// catalogs opens the catalogs of all repositories, or of the one with that alias. A
// repository that was never updated is an error only when it was asked for by name or
// is the only one; a notice is given otherwise.
func (s *Set) catalogs(alias string) ([]*Repository, error) {
	configs, err := s.ConfigFile().configs(alias)
	if err != nil {
		return nil, err
	}
	var open []*Repository
	for _, c := range configs {
		r := s.opened(c)
		_, err := r.catalog()
		switch {
		case errcode.Has(err, errcode.NeverUpdated) && len(configs) > 1:
			s.tell(Notice{Text: err.Error(), Err: err})
		case err != nil:
			return nil, err
		default:
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		return nil, notUpdated(configs[0].Alias)
	}
	return open, nil
}

// Probe asks a source of a repository that is to be added whether it is the one that is
// meant: it has the trust document of the pin, or a head that the key signed. Nothing is
// kept. Offline, without its token, and for what nobody can verify yet, it asks nothing.
func (s *Set) Probe(ctx context.Context, c Config) error {
	r := newRepository(&s.Options, c)
	defer r.close()
	if err := c.check(); err != nil {
		return usage("adding repository %q: %w", c.Alias, err)
	}
	if c.TokenEnv != "" && (s.Token == nil || s.Token(c.TokenEnv) == "") {
		return nil
	}
	sources, err := r.sources()
	if errors.Is(err, ErrOffline) || c.Identity != "" {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, src := range sources {
		err := probe(ctx, r, src)
		if err == nil || ctx.Err() != nil {
			return err
		}
		errs = append(errs, err)
	}
	return beingAdded(mostSevere(errs))
}

// beingAdded says of an error about a repository what it means for one that nobody has yet:
// its address or its pin may be mistyped.
func beingAdded(err error) error {
	switch {
	case errcode.Has(err, trust.TrustPin):
		return errcode.With(trust.TrustPin, errcode.Facts{"given": true}, err)
	case errcode.Has(err, trust.Missing) && !errors.Is(err, fetch.ErrForbidden):
		return errcode.With(trust.Missing, errcode.Facts{"added": true}, err)
	}
	return err
}

func probe(ctx context.Context, r *Repository, src *fetch.Source) error {
	path, limit := index.HeadPath, int64(index.MaxHead)
	if r.Pin != nil {
		path, limit = index.TrustPath(r.Pin.Version), index.MaxTrust
	}
	got, err := src.Get(ctx, path, fetch.Get{Limit: limit, AcceptGzip: true})
	if err != nil {
		return fileFault(fmt.Sprintf("%s of %s", path, src), err)
	}
	env, err := index.DecodeEnvelope(got.Body)
	if err != nil {
		return notOurs(src, path, err)
	}
	if r.Pin != nil {
		_, err = trust.Open(*r.Pin, env)
		return err
	}
	doc, err := r.chain()
	if err == nil {
		_, err = trust.VerifyHead(doc, env)
	}
	return err
}

// Discovered is the first trust document of a repository, which nothing but the
// user's own knowledge says is the right one.
type Discovered struct {
	Source  string
	Name    string // as it calls itself
	Pin     trust.Pin
	Signers []Signer
}

// Discover fetches the first trust document of a repository that is not pinned yet.
func (s *Set) Discover(ctx context.Context, c Config) (Discovered, error) {
	r := newRepository(&s.Options, c)
	defer r.close()
	sources, err := r.sources()
	if err != nil {
		return Discovered{}, err
	}
	src := sources[0]
	got, err := src.Get(ctx, index.TrustPath(1), fetch.Get{Limit: index.MaxTrust, AcceptGzip: true})
	if err != nil {
		return Discovered{}, beingAdded(fileFault(fmt.Sprintf("trust document 1 of %s", src), err))
	}
	env, err := index.DecodeEnvelope(got.Body)
	if err != nil {
		return Discovered{}, notOurs(src, index.TrustPath(1), err)
	}
	pin := trust.PinOf(1, env)
	doc, err := trust.Open(pin, env)
	if err != nil {
		return Discovered{}, err
	}
	return Discovered{src.String(), doc.Repository, pin, signers(doc)}, nil
}
