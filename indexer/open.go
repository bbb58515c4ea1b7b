package indexer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// openToPublish reads the trust documents and what is published, and checks that
// the key at hand may sign the next head.
func openToPublish(ctx context.Context, o Options, result *Result) (*repository, error) {
	if err := CheckLife(o.ExpiresIn); err != nil {
		return nil, err
	}
	r, err := openRepository(ctx, cmp.Or(o.Previous, fetch.URL(o.Site)), o.Trust, o.Fetch)
	if err != nil {
		return nil, err
	}
	r.copies, r.elsewhere = site{o.Site}, o.Previous != ""
	if err := agree(o.Name, r.chain); err != nil {
		return nil, err
	}
	if r.signers, err = r.chain.holders(ctx, o.Signers, trust.IndexRole); err != nil {
		return nil, err
	}
	warnOfRenewal(result, r.chain.newest(), o.Now)
	if o.ExpiresIn < shortLife {
		result.warn("the head expires in %s; users refuse it as FROZEN after that", o.ExpiresIn)
	}
	if o.First {
		return r, o.refuseSecondFirst(ctx, r.source)
	}
	if err := o.openPublished(ctx, r); err != nil {
		return nil, err
	}
	if err := o.refuseBehind(r); err != nil {
		return nil, err
	}
	at := r.published.Head
	if at.Seq < o.AtLeast {
		return nil, fmt.Errorf("%s has published %d, which is below %d, the least that was asked for", r.source, at.Seq, o.AtLeast)
	}
	if at.Issued.After(o.Now.Add(trust.MaxAhead)) {
		result.warn("the published head was issued at %s, after the %s of now: all clients refuse it by its clock, and this publish takes its place", at.Issued.Format(time.DateTime), o.Now.UTC().Format(time.DateTime))
	}
	if at.Expires.Before(o.Now) {
		result.warn("the published head expired %s", at.Expires.Format(time.DateOnly))
	}
	return r, nil
}

// shortLife is less than who publishes daily needs.
const shortLife = 24 * time.Hour

// openPublished opens what is published. Where a publisher was cut short between a new
// trust document and the head under it, that head, which it left, is put in place first:
// everything that it leads to is there.
func (o Options) openPublished(ctx context.Context, r *repository) error {
	err := r.openPublished(ctx)
	if trust.CodeOf(err) == "" || o.Previous != "" {
		return err
	}
	s := site{o.Site}
	stored, no := inputfile.Read(s.at(nextName), index.MaxHead)
	if no != nil {
		return err
	}
	if _, no := r.chain.openPending(stored); no != nil {
		return err
	}
	p := publisher{repository: r, site: s}
	if err := p.putHead(stored); err != nil {
		return err
	}
	if err := os.Remove(s.at(nextName)); err != nil {
		return err
	}
	r.chain.published = len(r.chain.documents)
	return r.openPublished(ctx)
}

// agree: the settings, the flags and the trust documents name one repository.
func agree(name string, c *chain) error {
	if of := c.newest().Repository; name != "" && name != of {
		return fmt.Errorf("the trust documents are those of %q, not of %q", of, name)
	}
	return nil
}

func warnOfRenewal(result *Result, d *trust.Document, now time.Time) {
	result.Renewal = d.Expires.Time
	if d.Expires.Sub(now) < trust.RenewalWarning {
		result.warn("%s expires %s; sign the next one before that", d, d.Expires.Format(time.DateOnly))
	}
}

// refuseBehind: a source that is behind the site itself, or beside it, would
// lead to two publishes of one number.
func (o Options) refuseBehind(r *repository) error {
	data, err := inputfile.Read(site{o.Site}.at(index.HeadPath), index.MaxHead)
	if errors.Is(err, fs.ErrNotExist) || o.Previous == "" {
		return nil
	}
	if err != nil {
		return err
	}
	own, err := r.chain.openOld(data)
	if err != nil {
		return fmt.Errorf("opening the head that %s has itself: %w", o.Site, err)
	}
	was, at := own.Head, r.published.Head
	if own.Envelope.Digest() == r.published.Envelope.Digest() || was.Epoch < at.Epoch || (was.Epoch == at.Epoch && was.Seq < at.Seq) {
		return nil
	}
	return fmt.Errorf("%s has publish %d itself, and %s has publish %d: build from the newer one", o.Site, was.Seq, r.source, at.Seq)
}

// refuseSecondFirst: --first is a mistake where something is published, be it
// in the site or where --previous points. A first publish that was cut short
// has published nothing.
func (o Options) refuseSecondFirst(ctx context.Context, previous *fetch.Source) error {
	s := site{o.Site}
	traces := []string{index.HeadPath}
	if !s.there(firstName) {
		traces = append(traces, index.TrustPath(1), "objects", "kubes")
	}
	for _, path := range traces {
		if s.there(path) {
			return secondFirst(o.Site, o.Site, path)
		}
	}
	if o.Previous == "" {
		return nil
	}
	for _, path := range []string{index.HeadPath, index.TrustPath(1)} {
		got, err := previous.Get(ctx, path, fetch.Get{Limit: index.MaxHead, NoCache: true})
		if errors.Is(err, fetch.ErrNotFound) {
			continue
		}
		if err == nil && previous.Folder() == "" {
			_, err = index.DecodeEnvelope(got.Body)
		}
		if err != nil {
			return readingFault(previous, path, path, err)
		}
		return secondFirst(previous.Folder(), previous.String(), path)
	}
	return nil
}

func secondFirst(dir, where, path string) error {
	err := fmt.Errorf("%s has %s already: a first publish would replace a repository", where, path)
	if path != index.HeadPath {
		return lostHead(dir, fmt.Errorf("%w, whose head, %s, is gone", err, index.HeadPath))
	}
	return errcode.With(errcode.SecondFirst, nil, err)
}
