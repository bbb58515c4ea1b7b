package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// openOld reads the head that the folder has. One that is not of this repository is an
// error: nothing is mixed.
func (m *run) openOld() error {
	data, err := inputfile.Read(m.folder.at(index.HeadPath), index.MaxHead)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the mirror: %w", err)
	}
	env, err := index.DecodeEnvelope(data)
	if err != nil {
		return fmt.Errorf("reading the mirror: %w", err)
	}
	h, err := index.DecodeHead([]byte(env.Payload))
	if err != nil {
		return fmt.Errorf("reading the mirror: %w", err)
	}
	m.old, m.oldRaw = &trust.Head{Head: h, Digest: env.Digest()}, data
	return nil
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
		if err := h.CheckFloor(m.old.Floor()); err != nil {
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
