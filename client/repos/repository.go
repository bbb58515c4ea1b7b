package repos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/search"
)

// Repository is a repository of a home, opened: what it is configured as, and what
// the home has of it, each part read and verified when it is first asked for.
type Repository struct {
	Config

	opt     *Options
	chain   func() (*trust.Document, error) // the newest trust document; errNoTrust before the first
	floor   func() (*trust.Floor, error)    // nil before the first head
	catalog func() (*search.Catalog, error) // NEVER_UPDATED before the first update
	stored  func() (stored, error)
	head    func() (*trust.Head, error) // of the catalog; whether it has expired does not matter
	remote  func() ([]*fetch.Source, error)

	mu      sync.Mutex
	closers []func()
}

// stored is what the catalog of a repository holds. Without a sound one it is the
// zero one: nothing, of publish 0.
type stored struct {
	*search.Catalog
	state
	head   *index.Head
	digest index.Digest // of head's payload
	damage error        // why the catalog that is there cannot be used
}

func newRepository(opt *Options, c Config) *Repository {
	r := &Repository{Config: c, opt: opt}
	r.chain = sync.OnceValues(func() (*trust.Document, error) {
		opt.count("trust")
		return readChain(opt.Home, c)
	})
	r.floor = sync.OnceValues(func() (*trust.Floor, error) { return readFloor(opt.Home, c.Alias) })
	r.catalog = sync.OnceValues(func() (*search.Catalog, error) { return openCatalog(r) })
	r.stored = sync.OnceValues(r.readStored)
	r.head = sync.OnceValues(func() (*trust.Head, error) { return verifyHead(r) })
	r.remote = sync.OnceValues(func() ([]*fetch.Source, error) {
		all, err := openSources(opt, c)
		r.onClose(func() { closeSources(all) })
		return all, err
	})
	return r
}

// sources are where the repository is fetched from, in the order in which they are
// asked.
func (r *Repository) sources() ([]*fetch.Source, error) {
	if r.opt.Offline {
		return nil, fmt.Errorf("repository %s: %w", r.Alias, ErrOffline)
	}
	return r.remote()
}

// Origin is where the repository is fetched from, in the order in which that is asked;
// the newest trust document that the home knows, nil before the first; below what no
// head is accepted; and how long after its end one is.
func (r *Repository) Origin() (sources []*fetch.Source, newest *trust.Document, floor *trust.Floor, grace time.Duration, err error) {
	if sources, err = r.sources(); err != nil {
		return nil, nil, nil, 0, err
	}
	if newest, err = r.chain(); err != nil && !errors.Is(err, errNoTrust) {
		return nil, nil, nil, 0, err
	}
	if floor, err = r.floor(); err != nil {
		return nil, nil, nil, 0, err
	}
	grace, err = r.grace()
	return sources, newest, floor, grace, err
}

func (r *Repository) onClose(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closers = append(r.closers, do)
}

func (r *Repository) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, do := range r.closers {
		do()
	}
	r.closers = nil
}

func (r *Repository) store() search.Store {
	return search.Store{Dir: r.opt.Home.Repository(r.Alias)}
}

func openCatalog(r *Repository) (*search.Catalog, error) {
	r.opt.count("catalog")
	cat, err := r.store().Open()
	switch {
	case errors.Is(err, search.ErrNone):
		return nil, notUpdated(r.Alias)
	case err != nil:
		return nil, fmt.Errorf("opening the catalog of %s: %w", r.Alias, err)
	}
	r.onClose(func() { _ = cat.Close() }) //nolint:errcheck // open for reading only
	return cat, nil
}

func (r *Repository) readStored() (stored, error) {
	cat, err := r.catalog()
	switch {
	case errcode.Has(err, errcode.NeverUpdated):
		return stored{}, nil
	case errors.Is(err, search.ErrCorrupt):
		return stored{damage: err}, nil
	case err != nil:
		return stored{}, err
	}
	s := stored{Catalog: cat}
	if s.state, err = readState(cat.State()); err == nil {
		var env *index.Envelope
		if env, err = index.DecodeEnvelope(s.Head); err == nil {
			s.digest = env.Digest()
			s.head, err = index.DecodeHead([]byte(env.Payload))
		}
	}
	if err != nil {
		return stored{damage: fmt.Errorf("reading the catalog of %s: %w", r.Alias, err)}, nil
	}
	return s, nil
}

func verifyHead(r *Repository) (*trust.Head, error) {
	doc, err := r.chain()
	if err != nil {
		return nil, err
	}
	if _, err := r.catalog(); err != nil {
		return nil, err
	}
	s, err := r.stored()
	if err == nil {
		err = s.damage
	}
	if err != nil {
		return nil, err
	}
	env, err := index.DecodeEnvelope(s.Head)
	if err != nil {
		return nil, err
	}
	r.opt.count("head")
	return trust.VerifyHead(doc, env)
}

// current gives the newest trust document and the stored head, verified, and refuses
// them when either has expired.
func (r *Repository) current() (*trust.Document, *trust.Head, error) {
	doc, err := r.chain()
	if errors.Is(err, errNoTrust) {
		return nil, nil, notUpdated(r.Alias)
	}
	if err != nil {
		return nil, nil, err
	}
	head, err := r.head()
	if err != nil {
		return nil, nil, err
	}
	floor, err := r.floor()
	if err != nil {
		return nil, nil, err
	}
	grace, err := r.grace()
	if err != nil {
		return nil, nil, err
	}
	now := floor.Now(r.opt.Now())
	if err := doc.CheckExpiry(now, grace); err != nil {
		return nil, nil, err
	}
	return doc, head, head.CheckFresh(now, grace)
}

// signedName is how the repository calls itself in what it signs; "" before the first
// update.
func (r *Repository) signedName() (string, error) {
	head, err := r.Head()
	if err != nil || head == nil {
		return "", err
	}
	return head.Repository, nil
}

// Head is what the repository has published, as far as the catalog knows; nil before
// the first update.
func (r *Repository) Head() (*index.Head, error) {
	s, err := r.stored()
	if err != nil {
		return nil, err
	}
	return s.head, s.damage
}

// Root is the digest of the first trust document of the repository, or of what
// stands for it: what it stays known by. It is NEVER_UPDATED before the first
// update.
func (r *Repository) Root() (index.Digest, error) {
	floor, err := r.floor()
	if err != nil {
		return "", err
	}
	if floor == nil {
		return "", notUpdated(r.Alias)
	}
	return floor.Root, nil
}

// get gives the record of a Kube.
func (r *Repository) get(name string) (index.Line, bool, error) {
	cat, err := r.catalog()
	if err != nil {
		return index.Line{}, false, err
	}
	line, ok, err := cat.Get(name)
	if err != nil {
		return index.Line{}, false, fmt.Errorf("reading the catalog of %s: %w", r.Alias, err)
	}
	return line, ok, nil
}

// search looks in the catalog. What cannot be read as a pattern is USAGE.
func (r *Repository) search(ctx context.Context, pattern string, limit int) (search.Result, error) {
	cat, err := r.catalog()
	if err != nil {
		return search.Result{}, err
	}
	found, err := cat.Search(ctx, pattern, limit)
	switch {
	case errors.Is(err, search.ErrQuery):
		return search.Result{}, errcode.With(errcode.Usage, nil, err)
	case err != nil:
		return search.Result{}, fmt.Errorf("searching %s: %w", r.Alias, err)
	}
	return found, nil
}

// names lists names of the catalog that begin with prefix.
func (r *Repository) names(ctx context.Context, prefix string, limit int) ([]string, error) {
	cat, err := r.catalog()
	if err != nil {
		return nil, err
	}
	names, err := cat.Names(ctx, prefix, limit)
	if err != nil {
		return nil, fmt.Errorf("searching %s: %w", r.Alias, err)
	}
	return names, nil
}
