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
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// chain is the trust documents of a repository, 1 to n, each proven by the one
// before it. Document 1 is proven by the publisher: it lies in his folder or
// on his site.
type chain struct {
	documents []*trust.Document
	stored    [][]byte
	published int                     // how many of them the source has
	roots     map[index.Digest][]byte // trusted roots that they pin, as far as they are at hand
}

// openChain reads the trust documents of a source, and those of the folder dir
// that the source does not have yet; source may be nil, or dir empty. A document
// that both have must be the same one.
func openChain(ctx context.Context, source *fetch.Source, dir string) (*chain, error) {
	if source != nil && dir != "" {
		if _, err := os.Stat(dir); err != nil {
			return nil, fmt.Errorf("reading the trust documents: %w", err)
		}
	}
	c := &chain{roots: map[index.Digest][]byte{}}
	for {
		n := int64(len(c.documents) + 1)
		got, err := readTrust(ctx, source, dir, n)
		if err != nil {
			return nil, err
		}
		if got.data == nil {
			break
		}
		if err := c.add(n, got.data); err != nil {
			return nil, fmt.Errorf("%w, in %s", err, got.at)
		}
		if got.published {
			c.published = len(c.documents)
		}
		if err := c.readRoots(ctx, source, dir, c.newest()); err != nil {
			return nil, err
		}
	}
	if len(c.documents) == 0 && source == nil {
		return nil, fmt.Errorf("%w: %s has no 1.json, the trust document that a repository starts with", ErrNoSite, dir)
	}
	if len(c.documents) == 0 {
		return nil, fmt.Errorf("%w: %s has no trust/1.json", ErrNoSite, source)
	}
	if source != nil && dir != "" {
		return c, c.heldBy(dir, source)
	}
	return c, nil
}

// heldBy refuses a folder that holds none of the documents: those of the source would
// count alone, which vouches for itself then.
func (c *chain) heldBy(dir string, source *fetch.Source) error {
	for i := range c.documents {
		if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf("%d.json", i+1))); err == nil {
			return nil
		}
	}
	return fmt.Errorf("reading the trust documents: %s has none that %s is held to: 1.json, 2.json …", dir, source)
}

// trustFile is a trust document as it is stored.
type trustFile struct {
	data      []byte // nil where there is none
	at        string
	published bool // the source has it
}

// readTrust gives document n.
func readTrust(ctx context.Context, source *fetch.Source, dir string, n int64) (got trustFile, err error) {
	if source != nil {
		got.at = fileAt(source, index.TrustPath(n))
		if got.data, err = publishedTrust(ctx, source, n); err != nil {
			return got, err
		}
		got.published = got.data != nil
	}
	if dir == "" {
		return got, nil
	}
	at := filepath.Join(dir, fmt.Sprintf("%d.json", n))
	own, err := inputfile.Read(at, index.MaxTrust)
	if errors.Is(err, fs.ErrNotExist) {
		return got, nil
	}
	if err != nil {
		return got, fmt.Errorf("reading trust document %d: %w", n, err)
	}
	if _, err := index.DecodeEnvelope(own); err != nil {
		return got, fmt.Errorf("reading trust document %d: %s: %w", n, at, err)
	}
	if got.data == nil {
		return trustFile{data: own, at: at}, nil
	}
	if err := sameDocument(source, own, got.data); err != nil {
		return got, fmt.Errorf("reading trust document %d: %w", n, err)
	}
	return got, nil
}

// publishedTrust gives document n of a source as it is stored, nil where there
// is none. Web servers answer as they like for what they do not have (403, a
// page), so what follows the first document is there only if it is an
// envelope, as for clients. In a folder, damage is damage.
func publishedTrust(ctx context.Context, source *fetch.Source, n int64) ([]byte, error) {
	got, err := source.Get(ctx, index.TrustPath(n), fetch.Get{Limit: index.MaxTrust, NoCache: true})
	if errors.Is(err, fetch.ErrNotFound) {
		return nil, nil
	}
	strange := false
	if err == nil {
		_, err = index.DecodeEnvelope(got.Body)
		strange = err != nil
	}
	if err == nil {
		return got.Body, nil
	}
	if n > 1 && source.Folder() == "" && (strange || errors.Is(err, fetch.ErrForbidden)) {
		return nil, nil
	}
	return nil, readingFault(source, fmt.Sprintf("trust document %d", n), index.TrustPath(n), err)
}

func sameDocument(source *fetch.Source, own, published []byte) error {
	a, err := index.DecodeEnvelope(own)
	if err != nil {
		return err
	}
	b, err := index.DecodeEnvelope(published)
	if err != nil {
		return err
	}
	if a.Digest() != b.Digest() {
		return fmt.Errorf("%s has published another one: sha256 %s, not %s", source, b.Digest(), a.Digest())
	}
	return nil
}

func (c *chain) add(n int64, data []byte) error {
	env, err := index.DecodeEnvelope(data)
	if err != nil {
		return fmt.Errorf("trust document %d: %w", n, err)
	}
	var d *trust.Document
	if n == 1 {
		d, err = trust.Open(trust.PinOf(1, env), env)
	} else {
		d, err = trust.OpenNext(c.newest(), env)
	}
	if err != nil {
		return err
	}
	c.documents = append(c.documents, d.WithObjects(c.trustedRoot))
	c.stored = append(c.stored, data)
	return nil
}

func (c *chain) newest() *trust.Document {
	return c.documents[len(c.documents)-1]
}

func (c *chain) root() index.Digest {
	return c.documents[0].Digest()
}

// files are the documents as the site has them, after the trusted roots that they pin.
func (c *chain) files() []index.File {
	out := c.rootFiles()
	for i, data := range c.stored {
		out = append(out, dataFile(index.TrustPath(int64(i+1)), data))
	}
	return out
}

// openHead opens a head as a client does that holds what is published.
func (c *chain) openHead(env *index.Envelope, published *state, now time.Time) (*index.Head, error) {
	var floor *trust.Floor
	if published != nil {
		old, err := c.verify(published.Envelope)
		if err != nil {
			return nil, err
		}
		if floor = old.Floor(nil); trust.CodeOf(old.CheckFresh(now, 0)) == trust.Clock {
			floor.Issued = index.Time{} // nobody takes it yet, so nobody's clock stands there
		}
	}
	h, err := trust.OpenHead(c.newest(), env, floor, now, 0)
	if err != nil {
		return nil, err
	}
	return h.Head, nil
}

// verify checks a head's signature and identity under the trust document that it
// claims: heads stay provable after their signer was replaced.
func (c *chain) verify(env *index.Envelope) (*trust.Head, error) {
	d := c.newest()
	if n := trust.ClaimedTrust(env); n >= 1 && n < d.Version {
		d = c.documents[n-1]
	}
	return trust.VerifyHead(d, env)
}

// openPresent opens the head that a source has in place as a client of that
// source does: under the newest trust document there. So a key that was taken
// away signs nothing that a publisher takes over. It may have expired.
//
// A publish under a new document puts the document in place, then the head. If
// it is cut short just between them and the old head's signer lost the role,
// no head is valid any more until the next build: see Options.openPublished.
func (c *chain) openPresent(stored []byte) (*state, error) {
	d := c.documents[max(c.published, 1)-1]
	return opened(stored, func(env *index.Envelope) (*trust.Head, error) { return trust.VerifyHead(d, env) })
}

// openPending opens a head that waits for its place, under the newest document.
func (c *chain) openPending(stored []byte) (*state, error) {
	return opened(stored, func(env *index.Envelope) (*trust.Head, error) { return trust.VerifyHead(c.newest(), env) })
}

// openOld opens a stored head by its signature. It may have expired.
func (c *chain) openOld(stored []byte) (*state, error) {
	return opened(stored, c.verify)
}

func opened(stored []byte, verify func(*index.Envelope) (*trust.Head, error)) (*state, error) {
	env, err := index.DecodeEnvelope(stored)
	if err != nil {
		return nil, err
	}
	h, err := verify(env)
	if err != nil {
		return nil, err
	}
	return &state{Head: h.Head, Envelope: env, Stored: index.Object{Ref: index.RefOf(stored), Data: stored}}, nil
}

// graceOver reports whether no client may use the head any more, whatever
// grace it was given.
func (c *chain) graceOver(h *index.Head, now time.Time) bool {
	return h.Expires.Add(c.grace()).Before(now)
}

// grace is how long past an expiry clients may be told to go on.
func (c *chain) grace() time.Duration {
	return time.Duration(c.newest().MaxGraceDays) * 24 * time.Hour
}

// openProvenance checks where an archive came from, under any of the documents.
func (c *chain) openProvenance(bundle []byte, name string, r index.Release) error {
	_, err := trust.OpenProvenance(c.newest(), bundle, trust.Provenance(c.newest().Repository, name, r))
	return err
}
