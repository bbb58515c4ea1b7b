package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// chain is the trust documents of the origin.
type chain struct {
	newest *trust.Document
	files  map[int64][]byte // envelopes that are not in the folder yet
}

// openChain verifies the trust documents from the pin on, those of the folder first.
func (m *run) openChain(ctx context.Context) (*chain, error) {
	c := &chain{newest: m.Trusted, files: map[int64][]byte{}}
	if c.newest == nil {
		open := func(env *index.Envelope) (*trust.Document, error) { return trust.Open(*m.Pin, env) }
		var err error
		if c.newest, err = m.trust(ctx, c, m.Pin.Version, open); err != nil {
			return nil, err
		}
	}
	for c.newest.Version > 0 {
		d, err := m.trust(ctx, c, c.newest.Version+1, func(env *index.Envelope) (*trust.Document, error) { return trust.OpenNext(c.newest, env) })
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, fetch.ErrUnreachable) && len(m.Sources) == 1:
			return nil, err
		case err != nil:
			return c, nil //nolint:nilerr // what does not verify is not there
		}
		c.newest = d
	}
	return c, nil
}

// trust gets trust document n, of the folder or of the first source that has one to
// accept.
func (m *run) trust(ctx context.Context, c *chain, n int64, open func(*index.Envelope) (*trust.Document, error)) (*trust.Document, error) {
	if data, ok := c.files[n]; ok {
		if env, err := index.DecodeEnvelope(data); err == nil {
			return open(env)
		}
	}
	if data, err := inputfile.Read(m.folder.at(index.TrustPath(n)), index.MaxTrust); err == nil {
		if env, err := index.DecodeEnvelope(data); err == nil {
			if d, err := open(env); err == nil {
				return d, nil
			}
		}
	}
	var first error
	for _, s := range m.Sources {
		got, err := s.Get(ctx, index.TrustPath(n), fetch.Get{Limit: index.MaxTrust, AcceptGzip: true})
		if err == nil {
			var env *index.Envelope
			if env, err = index.DecodeEnvelope(got.Body); err == nil {
				var d *trust.Document
				if d, err = open(env); err == nil {
					c.files[n] = got.Body
					return d, nil
				}
			}
		}
		if first == nil {
			first = err
		}
	}
	return nil, missingFile(fmt.Sprintf("trust document %d", n), first)
}

// complete adds the documents before the pin, which others pin: document 1 is the one
// that the head calls its root, and each proves the next.
func (m *run) complete(ctx context.Context, c *chain, h *trust.Head) error {
	if h.Root == "" || h.Trust == 0 {
		return nil
	}
	var last *trust.Document
	for n := int64(1); n <= h.Trust; n++ {
		open := func(env *index.Envelope) (*trust.Document, error) { return trust.OpenNext(last, env) }
		if n == 1 {
			open = func(env *index.Envelope) (*trust.Document, error) {
				return trust.Open(trust.Pin{Version: 1, Digest: h.Root}, env)
			}
		}
		d, err := m.trust(ctx, c, n, open)
		if err != nil {
			return err
		}
		last = d
	}
	return nil
}

// roots are the trusted roots that trust documents name.
func (c *chain) roots() []index.Ref {
	var all []index.Ref
	for _, s := range c.newest.Sigstore {
		all = append(all, s.TrustedRoot)
	}
	return all
}

// missingFile says that a signed file cannot be had.
func missingFile(what string, err error) error {
	if err == nil || trust.CodeOf(err) != "" || errors.Is(err, fetch.ErrUnreachable) || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.As(err, new(*index.MismatchError)) {
		return trust.Mismatch(what, err)
	}
	facts := errcode.Facts{"file": true}
	if errors.Is(err, fetch.ErrForbidden) {
		facts = errcode.Facts{"private": true}
	}
	return &trust.Error{Code: trust.Missing, Found: fmt.Sprintf("%s cannot be had: %v", what, err), Facts: facts, Err: err}
}

// openOld reads the head that the folder has. One that is damaged is told, and replaced;
// of another repository nothing is mixed with this one.
func (m *run) openOld() error {
	data, err := inputfile.Read(m.folder.at(index.HeadPath), index.MaxHead)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	h, digest, err := m.readOld(data, err)
	if err != nil {
		m.Warn(fmt.Sprintf("the index in %s is damaged, and is replaced: %v", m.Dir, err))
		return nil
	}
	m.old, m.oldRaw = &trust.Head{Head: h, Digest: digest}, data
	return nil
}

func (m *run) readOld(data []byte, err error) (*index.Head, index.Digest, error) {
	if err != nil {
		return nil, "", err
	}
	env, err := index.DecodeEnvelope(data)
	if err != nil {
		return nil, "", err
	}
	h, err := index.DecodeHead([]byte(env.Payload))
	if err != nil {
		return nil, "", err
	}
	// Of a head before a change of signers the document is not at hand; what leads on from
	// it is verified by its own digest.
	if d := m.chain.newest; h.Trust == d.Version && h.Repository == d.Repository {
		if _, err := trust.VerifyHead(d, env); err != nil {
			return nil, "", err
		}
	}
	return h, env.Digest(), nil
}

// newest gets the head of the first source that has one to accept.
func (m *run) newest(ctx context.Context, noCache bool) (*trust.Head, []byte, error) {
	var first error
	for _, s := range m.Sources {
		h, raw, err := m.ask(ctx, s, noCache)
		if err == nil {
			m.source = s
			return h, raw, nil
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if first == nil {
			first = err
		}
	}
	return nil, nil, first
}

func (m *run) ask(ctx context.Context, s *fetch.Source, noCache bool) (*trust.Head, []byte, error) {
	got, err := s.Get(ctx, index.HeadPath, fetch.Get{Limit: index.MaxHead, AcceptGzip: true, NoCache: noCache})
	if err != nil {
		return nil, nil, missingFile("the index of "+s.String(), err)
	}
	env, err := index.DecodeEnvelope(got.Body)
	if err != nil {
		return nil, nil, &trust.Error{Code: trust.Format, Found: fmt.Sprintf("%s/%s is no file of a kpm repository: %v", s, index.HeadPath, err), Err: err}
	}
	now := m.Now()
	h, err := trust.OpenHead(m.chain.newest, env, m.Floor, now, m.Grace)
	if err != nil {
		return nil, nil, err
	}
	if m.old != nil {
		if err := h.CheckFloor(m.old.Floor(nil)); err != nil {
			return nil, nil, err
		}
	}
	return h, got.Body, m.chain.newest.CheckExpiry(m.Floor.Now(now), m.Grace)
}

// putHead writes the trust documents, the head before under its own name, and the head.
func (m *run) putHead(ctx context.Context, h *trust.Head, raw []byte) error {
	if err := m.complete(ctx, m.chain, h); err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(m.chain.files)) {
		if err := m.folder.write(index.TrustPath(n), m.chain.files[n]); err != nil {
			return err
		}
	}
	if previous, ok := h.Previous(); ok && previous.Match(m.oldRaw) == nil {
		if err := m.folder.write(index.ObjectPath(previous.SHA256), m.oldRaw); err != nil {
			return err
		}
	}
	return m.folder.write(index.HeadPath, raw)
}
