package repos

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

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
	if s.stored.Catalog != nil && s.stored.Source == src.String() && !noCache {
		get.ETag = s.stored.ETag
	}
	got, err := src.Get(ctx, index.HeadPath, get)
	if err != nil {
		return answer{}, fileFault("the index of "+src.String(), err)
	}
	a := answer{source: src, stored: got.Body, etag: got.ETag}
	if got.NotModified {
		a.stored = s.stored.Head
	}
	env, err := index.DecodeEnvelope(a.stored)
	if err != nil {
		return answer{}, notOurs(src, index.HeadPath, err)
	}
	now := s.repo.opt.Now()
	if a.Head, err = trust.OpenHead(s.doc, env, s.floor, now, s.grace); err != nil {
		return answer{}, err
	}
	return a, s.doc.CheckExpiry(s.floor.Now(now), s.grace)
}

// start is the publish from which an update goes on: that of the catalog, if
// it is of the same epoch.
func (s *pull) start(a answer) int64 {
	if s.stored.Catalog == nil || s.stored.head.Epoch != a.Epoch || s.stored.Seq > a.Seq {
		return 0
	}
	return s.stored.Seq
}

// state is what the catalog will keep beside the lines of a head.
func (a answer) state() ([]byte, error) {
	return state{
		Head: jsontext.Value(a.stored), ETag: a.etag, Source: a.source.String(),
		Seq: a.Seq, Kubes: a.Kubes, Sum: a.Sum,
	}.encode()
}
