package indexer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

// Restore publishes the newest old head's state again, after the head was lost
// or must not be relied on any more. It looks through the site for heads that
// verify, and signs the state of the newest one that is whole as publish seq+1,
// where seq is the last number that any client may have seen; 0 is that of the
// newest head that verifies. The warnings of the Result say why none that may be
// newer was taken.
func Restore(ctx context.Context, o MaintainOptions, signers []signer.Signer, seq int64, life time.Duration) (*Result, error) {
	if err := CheckLife(life); err != nil {
		return nil, err
	}
	s := site{o.Site}
	unlock, err := s.lockPublished(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	r, err := openRepository(ctx, fetch.URL(o.Site), o.Trust, o.Fetch)
	if err != nil {
		return nil, err
	}
	if r.signers, err = r.chain.holders(ctx, signers, trust.IndexRole); err != nil {
		return nil, err
	}
	var result Result
	if r.published, seq, err = newestWhole(ctx, o, r, seq, &result); err != nil {
		return nil, err
	}
	p := publisher{repository: r, site: s, signers: r.signers, now: o.Now, life: life, report: o.Report, url: r.published.Head.URL(), source: r.published.Head.Source(), drawer: keepListed}
	publication, err := build(r.published, nil, p.terms(seq+1))
	if err != nil {
		return nil, err
	}
	if err := p.publish(ctx, publication, nil, &result); err != nil {
		return nil, err
	}
	result.Head, result.From, result.Files = publication.Head, r.published.Head, len(publication.Files)
	return &result, nil
}

// newestWhole is the newest head that verifies and of which the site has
// everything that it leads to, and the last number that clients may have seen.
func newestWhole(ctx context.Context, o MaintainOptions, r *repository, seq int64, result *Result) (*state, int64, error) {
	s := site{o.Site}
	heads, err := s.oldHeads(r.chain, result)
	if err != nil {
		return nil, 0, err
	}
	newest := int64(0)
	for _, old := range heads {
		newest = max(newest, old.Head.Seq)
	}
	if seq == 0 {
		seq = newest
	}
	if at := heads[0].Head.Seq; at > seq {
		return nil, 0, fmt.Errorf("the newest old head is number %d, above the %d that was asked for", at, seq)
	}
	var first error
	for _, old := range heads {
		if old.Lines, err = readLines(ctx, old.Head, r.read); err == nil {
			err = r.at(old).carry(ctx, s, nil, o.Now, o.Report)
		}
		if err == nil {
			return old, seq, nil
		}
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if first == nil {
			first = err
		}
		result.warn("publish %d of %s is not whole, so an older one is looked for: %v", old.Head.Seq, old.Head.Issued.Format(time.DateTime), err)
	}
	return nil, 0, fmt.Errorf("no old head of %s is whole; of the newest, number %d: %w", o.Site, heads[0].Head.Seq, first)
}

// oldHeads are the heads that verify among the objects of a site and in place,
// newest first: those under a later trust document, as whoever has a key that
// was taken away may still sign numbers, then by number. What looks like a head
// and is none is warned about.
func (s site) oldHeads(c *chain, result *Result) ([]*state, error) {
	found := map[index.Digest]*state{}
	readHead := func(at string) error {
		data, err := readEnvelope(at)
		if err != nil || data == nil {
			return err
		}
		old, err := c.openOld(data)
		if err != nil {
			rel, _ := filepath.Rel(s.dir, at) //nolint:errcheck // below the site
			result.warn("%s is passed over: %v", filepath.ToSlash(rel), err)
			return nil
		}
		found[old.Envelope.Digest()] = old
		return nil
	}
	if err := readHead(s.at(index.HeadPath)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		result.warn("%s is passed over: %v", index.HeadPath, err)
	}
	err := filepath.WalkDir(s.at("objects"), func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return readHead(at)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for old heads: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: no file of %s is a head that its trust documents verify", ErrNoSite, s.dir)
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *state) int {
		return cmp.Or(cmp.Compare(b.Head.Trust, a.Head.Trust), cmp.Compare(b.Head.Seq, a.Head.Seq), strings.Compare(string(a.Stored.SHA256), string(b.Stored.SHA256)))
	}), nil
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
	data, err := os.ReadFile(at)
	var other struct {
		MediaType string `json:"mediaType"` // as bundles of test results and trusted roots have it
	}
	if err != nil || json.Unmarshal(data, &other) == nil && other.MediaType != "" {
		return nil, err
	}
	return data, nil
}
