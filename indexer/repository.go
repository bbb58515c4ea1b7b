package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

// repository is what a source has published, opened as a client opens it.
type repository struct {
	source    *fetch.Source
	copies    site // where files are read first: in the site that is published into; zero for none
	elsewhere bool // the source is another one, whose files are carried to the site
	chain     *chain
	published *state          // nil where nothing is
	signers   []signer.Signer // of the next head
}

// openRepository opens the trust documents of a source and, as far as the
// source does not have them, of a folder; and reads nothing else yet.
func openRepository(ctx context.Context, url, trust string, o fetch.Options) (*repository, error) {
	source, err := fetch.Open(url, o)
	if err != nil {
		return nil, err
	}
	chain, err := openChain(ctx, source, trust)
	if err != nil {
		return nil, err
	}
	return &repository{source: source, chain: chain}, nil
}

// open opens the site with what it has published.
func (o MaintainOptions) open(ctx context.Context) (*repository, error) {
	r, err := openRepository(ctx, fetch.URL(o.Site), o.Trust, o.Fetch)
	if err != nil {
		return nil, err
	}
	return r, r.openPublished(ctx)
}

// Open opens a published site to read what it has.
func Open(ctx context.Context, o MaintainOptions) (*Opened, error) {
	r, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	return newOpened(r.published.Head, r.published.Lines, r.chain, r.read), nil
}

// at is the repository as it was with another head.
func (r *repository) at(p *state) *repository {
	old := *r
	old.published = p
	return &old
}

// nextSeq is the number of the next publish.
func (r *repository) nextSeq() int64 {
	if r.published == nil {
		return 1
	}
	return r.published.Head.Seq + 1
}

// read is the reader of all that a repository has published. Its bytes are those
// that ref names.
func (r *repository) read(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	if r.copies.dir != "" {
		data, err := r.copies.read(path, ref)
		if err == nil || r.elsewhere && !errors.Is(err, fs.ErrNotExist) {
			return data, damaged(path, err)
		}
	}
	data, err := r.source.Object(ctx, path, ref, false)
	return data, damaged(r.named(path), err)
}

// named is a published file as errors name it: with its source where that is another one.
func (r *repository) named(path string) string {
	if r.elsewhere {
		return fileAt(r.source, path)
	}
	return path
}

// openPublished opens the head that is in place, and reads its records.
func (r *repository) openPublished(ctx context.Context) error {
	got, err := r.source.Get(ctx, index.HeadPath, fetch.Get{Limit: index.MaxHead, NoCache: true, AcceptGzip: true})
	if errors.Is(err, fetch.ErrNotFound) {
		err = fmt.Errorf("%w: %s has no %s", ErrNoSite, r.source, index.HeadPath)
		if r.wasPublished() {
			return lostHead(r.source.Folder(), err)
		}
		return err
	}
	if err != nil {
		return readingFault(r.source, "the published head", index.HeadPath, err)
	}
	p, err := r.chain.openPresent(got.Body)
	if err != nil {
		err = readingFault(r.source, "the published head", index.HeadPath, err)
		if dir := r.source.Folder(); dir != "" {
			return lostHead(dir, err)
		}
		return err
	}
	if p.Lines, err = readLines(ctx, p.Head, r.read); errors.Is(err, fetch.ErrForbidden) {
		return readingFault(r.source, "what is published", "objects", err)
	}
	if err != nil {
		return fmt.Errorf("reading what %s has published: %w", r.source, err)
	}
	r.published = p
	return nil
}

// wasPublished tells whether a source without a head has had one. A first publish that
// was cut short has published nothing.
func (r *repository) wasPublished() bool {
	s := site{r.source.Folder()}
	if s.dir == "" {
		return r.chain.published > 0
	}
	return !s.there(firstName) && (r.chain.published > 0 || s.there("objects"))
}
