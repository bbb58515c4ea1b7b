package repos

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/ceremony"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// extend asks the sources for what follows the trust documents at hand, and
// stores what verifies at once: it may say that a signer was revoked. What does
// not verify counts as not there, as whoever can answer with garbage can answer
// with 404.
func (s *pull) extend(ctx context.Context, u *Updated) error {
	if s.doc == nil {
		if err := s.openPinned(ctx); err != nil {
			return err
		}
	}
	for s.doc.Version > 0 {
		if err := s.trustedRoots(ctx); err != nil {
			return err
		}
		n := s.doc.Version + 1
		next, err := s.trust(ctx, n, func(env *index.Envelope) (*trust.Document, error) {
			return trust.OpenNext(s.doc, env)
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && local(err) {
			return err
		}
		if err != nil {
			s.logf("no trust document %d: %v", n, err)
			return nil
		}
		u.Trust = append(u.Trust, fmt.Sprintf("trust document %d, signed by %s", n, strings.Join(next.SignedBy(), ", ")))
		u.Trust = append(u.Trust, ceremony.Changes(s.doc, next)...)
		s.doc = next
	}
	return nil
}

// history fetches the trust documents before the pinned one, once, of which the first
// is the one that the accepted head names as root: they say who answered for what was
// released under them. Where they cannot be had, an update is done all the same.
func (s *pull) history(ctx context.Context, root index.Digest) error {
	if s.repo.Pin == nil || s.repo.Pin.Version == 1 || s.doc.Root() != "" {
		return nil
	}
	var last *trust.Document
	for n := int64(1); n < s.repo.Pin.Version; n++ {
		d, err := s.trust(ctx, n, func(env *index.Envelope) (*trust.Document, error) {
			if last == nil {
				return trust.Open(trust.Pin{Version: 1, Digest: root}, env)
			}
			return trust.OpenNext(last, env)
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.logf("no trust document %d, which was before the pinned one: %v", n, err)
			return nil
		}
		last = d
	}
	return nil
}

func (s *pull) logf(format string, args ...any) {
	if s.repo.opt.Fetch.Log != nil {
		s.repo.opt.Fetch.Log(format, args...)
	}
}

// openPinned fetches the trust document that the pin names.
func (s *pull) openPinned(ctx context.Context) error {
	d, err := s.trust(ctx, s.repo.Pin.Version, func(env *index.Envelope) (*trust.Document, error) {
		return trust.Open(*s.repo.Pin, env)
	})
	if err == nil {
		s.doc = d.WithObjects(storedRoots(s.repo.opt.Home, s.repo.Alias))
	}
	return err
}

// trustedRoots fetches those that the document names and the home has not: without them
// nothing that keyless signers made can be checked. One that no source has is no reason
// to stop: other signers may suffice.
func (s *pull) trustedRoots(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(s.doc.Sigstore)) {
		ref := s.doc.Sigstore[name].TrustedRoot
		path := trustedRootPath(s.repo.opt.Home, s.repo.Alias, ref)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		var data []byte
		err := firstSource(s.sources, func(src *fetch.Source, noCache bool) (err error) {
			data, err = src.Object(ctx, index.ObjectPath(ref.SHA256), ref, noCache)
			return err
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			s.logf("no trusted root of %s: %v", name, err)
			continue
		}
		if err := atomicfile.Write(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// trust asks each source for trust document n until open accepts one, which is
// stored. The error is the worst of all sources.
func (s *pull) trust(ctx context.Context, n int64, open func(*index.Envelope) (*trust.Document, error)) (*trust.Document, error) {
	var errs []error
	for _, src := range s.sources {
		got, err := src.Get(ctx, index.TrustPath(n), fetch.Get{Limit: index.MaxTrust, AcceptGzip: true})
		if err != nil {
			errs = append(errs, fileFault(fmt.Sprintf("trust document %d of %s", n, src), err))
			continue
		}
		env, err := index.DecodeEnvelope(got.Body)
		if err != nil {
			errs = append(errs, notOurs(src, index.TrustPath(n), err))
			continue
		}
		d, err := open(env)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		return d, s.storeTrust(n, got.Body)
	}
	return nil, mostSevere(errs)
}

func (s *pull) storeTrust(n int64, data []byte) error {
	path := trustPath(s.repo.opt.Home, s.repo.Alias, n)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := atomicfile.Write(path, data, 0o600); err != nil {
		return err
	}
	now := s.repo.opt.Now()
	return os.Chtimes(path, now, now) // since when it is trusted, see acceptedAt
}
