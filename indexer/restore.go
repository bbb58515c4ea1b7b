package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing/signer"
)

// Restore publishes the newest old head's state again, after the head was lost
// or must not be relied on any more. It looks through the site's objects for
// heads that verify, and signs the newest one's state as publish seq+1, where
// seq is the last number that any client may have seen.
func Restore(ctx context.Context, o MaintainOptions, key *signer.Key, seq int64, life time.Duration) (*Result, error) {
	if err := CheckLife(life); err != nil {
		return nil, err
	}
	s := site{o.Site}
	unlock, err := s.lockPublished(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	source, err := fetch.Open(fetch.URL(o.Site), o.Fetch)
	if err != nil {
		return nil, err
	}
	p := publisher{Options: Options{Site: o.Site, Key: key, Now: o.Now, ExpiresIn: life, Report: o.Report}, site: s, source: source}
	if p.chain, err = openChain(ctx, source, o.Trust); err != nil {
		return nil, err
	}
	p.Name = p.chain.newest().Repository
	if err := p.chain.allows(key); err != nil {
		return nil, err
	}
	if p.published, err = newestOld(s, p.chain); err != nil {
		return nil, err
	}
	if at := p.published.Head.Seq; at > seq {
		return nil, fmt.Errorf("the newest old head is number %d, above --seq %d", at, seq)
	}
	p.published.source = source
	if err := p.published.load(ctx); err != nil {
		return nil, err
	}
	t := p.terms()
	t.Seq = seq + 1
	publication, err := Build(p.published, nil, t)
	if err != nil {
		return nil, err
	}
	if err := p.write(ctx, publication); err != nil {
		return nil, err
	}
	if err := p.sign(publication); err != nil {
		return nil, err
	}
	p.result.Head = publication.Head
	return &p.result, nil
}

// newestOld finds the head with the highest seq among the objects of a site and
// the head in place.
func newestOld(s site, c *chain) (*Published, error) {
	var best *Published
	if data, err := readEnvelope(s.at(index.HeadPath)); err == nil && data != nil {
		best, _ = c.openOld(data) //nolint:errcheck // one that does not verify is no candidate
	}
	err := filepath.WalkDir(s.at("objects"), func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := readEnvelope(at)
		if err != nil || data == nil {
			return err
		}
		if p, err := c.openOld(data); err == nil && (best == nil || p.Head.Seq > best.Head.Seq) {
			best = p
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for old heads: %w", err)
	}
	if best == nil {
		return nil, fmt.Errorf("%w: no file of %s is a head that its trust documents verify", ErrNoSite, s.dir)
	}
	return best, nil
}

// readEnvelope reads a file that begins like an envelope, and gives nil for
// any other.
func readEnvelope(at string) ([]byte, error) {
	f, err := os.Open(at)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	first := make([]byte, 1)
	if _, err := f.Read(first); err != nil || first[0] != '{' {
		return nil, nil
	}
	if info, err := f.Stat(); err != nil || info.Size() > index.MaxHead {
		return nil, err
	}
	return os.ReadFile(at)
}
