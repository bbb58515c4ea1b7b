package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
)

// open reads the trust documents and what is published, and checks that the key
// at hand may sign the next head.
func (p *publisher) open(ctx context.Context) error {
	var err error
	if err := CheckLife(p.ExpiresIn); err != nil {
		return err
	}
	if p.source, err = p.previousSource(); err != nil {
		return err
	}
	if p.chain, err = openChain(ctx, p.source, p.Trust); err != nil {
		return err
	}
	if err := agree(p.Name, p.chain); err != nil {
		return err
	}
	p.Name = p.chain.newest().Repository
	if err := p.chain.allows(p.Key); err != nil {
		return err
	}
	p.warnOfRenewal()
	if p.First {
		return p.refuseSecondFirst(ctx)
	}
	p.published, err = openPublished(ctx, p.source, p.chain)
	if err != nil {
		return err
	}
	if err := p.refuseBehind(); err != nil {
		return err
	}
	if at := p.published.Head; at.Seq < p.AtLeast {
		return fmt.Errorf("%s has published %d, which is below --at-least %d", p.source, at.Seq, p.AtLeast)
	}
	if h := p.published.Head; h.Expires.Before(p.Now) {
		p.warn("the published head expired %s", h.Expires.Format(time.DateOnly))
	}
	return nil
}

// CheckLife refuses a life of a head that clients would cut.
func CheckLife(d time.Duration) error {
	if d <= 0 || d > MaxLife {
		return fmt.Errorf("a head lives more than 0 and at most %gh, not %s", MaxLife.Hours(), d)
	}
	return nil
}

func (p *publisher) warn(format string, args ...any) {
	p.result.Warnings = append(p.result.Warnings, fmt.Sprintf(format, args...))
}

// previousSource is where what is published is read from.
func (p *publisher) previousSource() (*fetch.Source, error) {
	if p.Previous != "" {
		return fetch.Open(p.Previous, p.Fetch)
	}
	return fetch.Open(fetch.URL(p.Site), p.Fetch)
}

// refuseBehind: a source that is behind the site itself, or beside it, would
// lead to two publishes of one number.
func (p *publisher) refuseBehind() error {
	data, err := inputfile.Read(p.site.at(index.HeadPath), index.MaxHead)
	if errors.Is(err, fs.ErrNotExist) || p.Previous == "" {
		return nil
	}
	if err != nil {
		return err
	}
	own, err := p.chain.openOld(data)
	if err != nil {
		return fmt.Errorf("opening the head that %s has itself: %w", p.Site, err)
	}
	was, at := own.Head, p.published.Head
	if own.Envelope.Digest() == p.published.Envelope.Digest() || was.Epoch < at.Epoch || (was.Epoch == at.Epoch && was.Seq < at.Seq) {
		return nil
	}
	return fmt.Errorf("%s has publish %d itself, and %s has publish %d: build from the newer one", p.Site, was.Seq, p.source, at.Seq)
}

// refuseSecondFirst: --first is a mistake where something is published, be it
// in the site or where --previous points. A first publish that was cut short
// has published nothing.
func (p *publisher) refuseSecondFirst(ctx context.Context) error {
	traces := []string{index.HeadPath}
	if !p.site.there(firstName) {
		traces = append(traces, index.TrustPath(1), "objects", "kubes")
	}
	for _, path := range traces {
		if p.site.there(path) {
			return fmt.Errorf("%s has %s already: a first publish would replace a repository; leave --first out", p.Site, path)
		}
	}
	if p.Previous == "" {
		return nil
	}
	for _, path := range []string{index.HeadPath, index.TrustPath(1)} {
		_, err := p.source.Get(ctx, path, fetch.Get{Limit: index.MaxHead, NoCache: true})
		if err == nil {
			return fmt.Errorf("%s has %s already: a first publish would replace a repository; leave --first out", p.source, path)
		}
		if !errors.Is(err, fetch.ErrNotFound) {
			return fmt.Errorf("asking %s for %s: %w", p.source, path, err)
		}
	}
	return nil
}
