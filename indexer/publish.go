package indexer

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

// Publish publishes a packages folder. An error means that nothing changed for
// clients; when Kubes are at fault it is a kube.Problems that names them all.
func Publish(ctx context.Context, o Options) (*Result, error) {
	s := site{o.Site}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	dir, remove, err := s.staging()
	if err != nil {
		return nil, err
	}
	defer remove()
	var result Result
	r, err := openToPublish(ctx, o, &result)
	if err != nil {
		return nil, err
	}
	folders, err := scan(o.Packages, r.published)
	if err != nil {
		return nil, err
	}
	resolver := newResolver(o)
	c, err := reviseAll(ctx, o, r, folders, dir, resolver)
	if err != nil {
		return nil, err
	}
	resolver.warn(&result)
	result.Warnings = append(result.Warnings, c.warnings...)
	result.Released, result.Gone, result.Tested, result.Marked, result.Refused = c.released, c.gone, c.tested, c.marks, c.refused
	p := publisher{repository: r, site: s, signers: r.signers, now: o.Now, life: o.ExpiresIn, report: o.Report, url: o.URL, source: o.Source, drawer: o.Draw, drawn: o.Drawn, shelf: &c.shelf}
	publication, err := build(r.published, c.revisions, p.terms(r.nextSeq()))
	if err != nil {
		return nil, err
	}
	if err := p.publish(ctx, publication, c.leads, &result); err != nil {
		return nil, err
	}
	result.Head, result.Files = publication.Head, len(publication.Files)
	return &result, nil
}

// scan lists the folders, and refuses to publish when a published Kube has none,
// or when something beside them makes the whole a git repository.
func scan(packages fs.FS, published *state) ([]string, error) {
	all, err := names(packages)
	if err != nil {
		return nil, err
	}
	strange, err := besides(packages)
	if err != nil {
		return nil, err
	}
	if published == nil || len(strange) > 0 {
		return all, strange.Err()
	}
	return all, published.missing(all).Err()
}

// publisher brings a publication to a site.
type publisher struct {
	repository *repository
	site       site
	signers    []signer.Signer // of the head
	now        time.Time
	life       time.Duration // of the head
	url        string
	source     string
	drawer     Draw
	drawn      string
	shelf      *shelf // nil: nothing was read
	report     Report
}

// publish brings everything to its place. Clients find none of it before the
// write of the head; the web pages follow it, as they may be made again.
func (p publisher) publish(ctx context.Context, publication *index.Publication, leads []map[string]index.Ref, result *Result) error {
	if err := p.write(ctx, publication, leads); err != nil {
		return err
	}
	pages, err := p.draw(ctx, publication)
	if err != nil {
		return err
	}
	stored, err := p.sign(ctx, publication.Head)
	if err != nil {
		return err
	}
	if err := p.replay(publication, stored); err != nil {
		return fmt.Errorf("refusing to publish what clients would refuse: %w", err)
	}
	if err := p.putHead(stored); err != nil {
		return err
	}
	if err := pages.place(); err != nil {
		result.warn("published, but not every web page is in its place; the next publish puts it there: %v", err)
	}
	return nil
}

func (p publisher) terms(seq int64) terms {
	newest := p.repository.chain.newest()
	return terms{
		Repository: newest.Repository, Root: p.repository.chain.root(), Trust: newest.Version, Epoch: newest.Epoch,
		Seq: seq, Now: p.now, ExpiresIn: p.life, URL: p.url, Source: p.source,
	}
}

// write brings everything but the head and trust documents to the site: what
// the head before leads to and the site lacks, and what is new.
func (p publisher) write(ctx context.Context, publication *index.Publication, leads []map[string]index.Ref) error {
	if p.repository.published == nil {
		if err := p.site.markFirst(); err != nil {
			return err
		}
	} else if err := p.repository.carry(ctx, p.site, leads, p.now, p.report); err != nil {
		return err
	}
	files := publication.Files
	return forEach(ctx, files, p.report.stage("writing", len(files)), p.site.add)
}

// sign makes the head as it is stored.
func (p publisher) sign(ctx context.Context, h *index.Head) ([]byte, error) {
	payload, err := h.Encode()
	if err != nil {
		return nil, err
	}
	var bundles [][]byte
	for _, s := range p.signers {
		bundle, err := s.Sign(ctx, payload)
		if err != nil {
			return nil, err
		}
		bundles = append(bundles, bundle)
	}
	return index.NewEnvelope(payload, bundles...).Encode()
}

// putHead publishes: it puts the trust documents, and then the head, in their
// places.
func (p publisher) putHead(stored []byte) error {
	renews := p.repository.published != nil && p.repository.chain.published < len(p.repository.chain.documents)
	if renews {
		if err := p.site.write(nextName, stored); err != nil {
			return err
		}
	}
	for _, f := range p.repository.chain.files() {
		if err := p.site.add(f); err != nil {
			return err
		}
	}
	if err := p.site.write(index.HeadPath, stored); err != nil {
		return err
	}
	if renews {
		_ = os.Remove(p.site.at(nextName)) //nolint:errcheck // one that stays is below the head in place
	}
	_ = p.site.unmarkFirst() //nolint:errcheck // a mark that stays is cleared by the next lock
	// A head that is lost from its place is restored from here.
	_ = p.site.write(index.ObjectPath(index.DigestOf(stored)), stored) //nolint:errcheck // the publish is done, and the next one writes it
	return nil
}
