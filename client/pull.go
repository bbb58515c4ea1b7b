package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/search"
)

// pull is one update of one repository, under the lock of its catalog.
type pull struct {
	c       *Client
	repo    Repository
	grace   time.Duration
	sources []*fetch.Source
	writer  *search.Writer

	doc   *trust.Document // the newest; nil before the pinned one was fetched
	floor *trust.Floor    // nil before the first head
	held  held
}

// held is what the home has of a repository. Without a sound catalog its state
// is the zero one: nothing is held, of publish 0.
type held struct {
	*search.Catalog
	state
	head    *index.Head
	digest  index.Digest // of head's payload
	damaged bool         // there was a catalog, and it cannot be used
}

func (c *Client) floorPath(r Repository) string {
	return filepath.Join(c.Home.Repository(r.Alias), "floors.json")
}

// readFloor gives the floor of a repository, nil when it has none.
func (c *Client) readFloor(r Repository) (*trust.Floor, error) {
	data, err := os.ReadFile(c.floorPath(r))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f trust.Floor
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("reading %s: %w; without it nothing tells an older index from the newest: if the disk did that, `kpm repo remove %s` and `kpm repo add` start anew",
			c.floorPath(r), err, r.Alias)
	}
	return &f, nil
}

func (s *pull) writeFloor(h *trust.Head) error {
	f := h.Floor()
	if s.floor != nil && *s.floor == *f {
		return nil
	}
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return atomicfile.Write(s.c.floorPath(s.repo), data, 0o600)
}

// hold opens what the home has. What is damaged counts as nothing held.
func (c *Client) hold(r Repository) (held, error) {
	cat, err := c.store(r).Open()
	switch {
	case errors.Is(err, search.ErrNone):
		return held{}, nil
	case errors.Is(err, search.ErrCorrupt):
		return held{damaged: true}, nil
	case err != nil:
		return held{}, err
	}
	h := held{Catalog: cat}
	if h.state, err = readState(cat.State()); err == nil {
		var env *index.Envelope
		if env, err = index.DecodeEnvelope(h.Head); err == nil {
			h.digest = env.Digest()
			h.head, err = index.DecodeHead([]byte(env.Payload))
		}
	}
	if err != nil {
		return held{damaged: true}, cat.Close()
	}
	return h, nil
}

func (h held) close() {
	if h.Catalog != nil {
		_ = h.Close() //nolint:errcheck // open for reading only
	}
}

// answer is a head as a source gave it, accepted.
type answer struct {
	*trust.Head
	source *fetch.Source
	stored []byte // the envelope
	etag   string
}

// ask gets the head of a source and accepts or refuses it. That the source has
// nothing newer than we hold (304) says nothing about whether that may still be
// used, so it is judged as if it had been sent.
func (s *pull) ask(ctx context.Context, src *fetch.Source, noCache bool) (answer, error) {
	get := fetch.Get{Limit: index.MaxHead, AcceptGzip: true, NoCache: noCache}
	if s.held.Catalog != nil && s.held.Source == src.String() && !noCache {
		get.ETag = s.held.ETag
	}
	got, err := src.Get(ctx, index.HeadPath, get)
	if err != nil {
		return answer{}, fileFault("the index of "+src.String(), err)
	}
	a := answer{source: src, stored: got.Body, etag: got.ETag}
	if got.NotModified {
		a.stored = s.held.Head
	}
	env, err := index.DecodeEnvelope(a.stored)
	if err != nil {
		return answer{}, notOurs(src, index.HeadPath, err)
	}
	now := s.c.Now()
	if a.Head, err = trust.OpenHead(s.doc, env, s.floor, now, s.grace); err != nil {
		return answer{}, err
	}
	return a, s.doc.CheckExpiry(s.floor.Now(now), s.grace)
}

// start is the publish from which an update goes on: that of the catalog, if
// it is of the same epoch.
func (s *pull) start(a answer) int64 {
	if s.held.Catalog == nil || s.held.head.Epoch != a.Epoch || s.held.Seq > a.Seq {
		return 0
	}
	return s.held.Seq
}

// state is what the catalog will keep beside the lines of a head.
func (a answer) state() ([]byte, error) {
	return state{
		Head: jsontext.Value(a.stored), ETag: a.etag, Source: a.source.String(),
		Seq: a.Seq, Kubes: a.Kubes, Sum: a.Sum,
	}.encode()
}
