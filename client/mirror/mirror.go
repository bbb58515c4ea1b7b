package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/images/registry"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Origin is a repository to be mirrored: where it is, and by what it is trusted.
type Origin struct {
	Sources []*fetch.Source // asked in this order
	Pin     *trust.Pin      // of the trust document to begin with; nil: Trusted is it
	Trusted *trust.Document // the newest that is known; nil: none yet
	Floor   *trust.Floor    // of the home; nil: none
	Grace   time.Duration
}

// Options say what is mirrored, and where to.
type Options struct {
	Origin
	Dir    string
	Only   []string // NAME or NAME@RANGE, with what they need; none: everything
	DryRun bool     // fetch what has to be known, write nothing
	Now    func() time.Time

	Checksum bool // compare by digest what is there, not by size, and copy again what differs

	Images     *registry.Client // also mirror the images; nil: do not
	Platforms  []string         // of images, as OS/ARCH[/VARIANT]; none: all
	Progress   func(Progress)   // nil: nobody listens
	Warn, Note func(text string)
}

// Result is what a run did, or with DryRun would do.
type Result struct {
	Head         *trust.Head
	Unchanged    bool  // the folder had it all
	Kubes        int64 // that the folder holds
	Files        int64 // copied
	Bytes        int64
	Images       int64 // of which something was copied
	ImageBytes   int64
	Requests     int64 // to the sources
	ForeignBytes int64 // received from them
}

// maxHeads is how many heads are tried when the origin changes while it is copied.
const maxHeads = 5

// Run mirrors. Interrupted anywhere, the same call goes on.
func Run(ctx context.Context, o Options) (*Result, error) {
	only, err := parseOnly(o.Only)
	if err != nil {
		return nil, err
	}
	f := folder{o.Dir}
	if o.Sources, err = f.apart(o.Sources); err != nil {
		return nil, err
	}
	if err := f.refuseOthers(); err != nil {
		return nil, err
	}
	if !o.DryRun {
		unlock, err := f.lock(ctx)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	m := &run{Options: o, folder: f, only: only, result: &Result{}}
	if m.before, err = f.note(); err != nil {
		return nil, err
	}
	if !o.DryRun {
		if err := f.clear(m.before); err != nil {
			return nil, fmt.Errorf("clearing what a run left behind: %w", err)
		}
	}
	err = m.follow(ctx)
	for _, s := range o.Sources {
		requests, bytes := s.Stats()
		m.result.Requests, m.result.ForeignBytes = m.result.Requests+requests, m.result.ForeignBytes+bytes
	}
	return m.result, err
}

// run is one run.
type run struct {
	Options
	folder folder
	only   []wanted
	before mirrorfile.File // what the folder holds
	chain  *chain
	old    *trust.Head // of the folder; nil: none
	oldRaw []byte
	source *fetch.Source // that gave the head
	lost   error         // why the last head could not be copied
	result *Result
}

// follow copies the newest head; when its files vanish meanwhile, the one after it.
func (m *run) follow(ctx context.Context) error {
	var err error
	if m.chain, err = m.openChain(ctx); err != nil {
		return err
	}
	if err := m.openOld(); err != nil {
		return err
	}
	var last index.Digest
	for range maxHeads {
		h, raw, err := m.newest(ctx, last != "")
		if err != nil {
			return err
		}
		if h.Digest == last {
			return m.finishUnchanged()
		}
		last, m.result.Head = h.Digest, h
		m.lost = m.copyHead(ctx, h, raw)
		if m.lost == nil || ctx.Err() != nil || !vanished(m.lost) {
			return m.lost
		}
		m.Note(fmt.Sprintf("the origin changes while it is copied: %v", m.lost))
	}
	return m.lost
}

// finishUnchanged ends a run whose origin did not move on: what was not as its head says stays so.
func (m *run) finishUnchanged() error {
	pages := new(pageError)
	if !errors.As(m.lost, &pages) {
		return m.lost
	}
	m.Warn(fmt.Sprintf("%v: the next publish of the origin mends it, and the next run fetches it", m.lost))
	pages.note.Whole = true
	return m.folder.writeNote(pages.note)
}

// vanished reports whether a file of the repository was not what the head says: a newer
// head may know why. Of an image no head knows more.
func vanished(err error) bool {
	if errors.As(err, new(*imageError)) || trust.CodeOf(err) == trust.Unmirrored {
		return false
	}
	return errors.Is(err, fetch.ErrNotFound) || errors.Is(err, fetch.ErrForbidden) || errors.As(err, new(*index.MismatchError))
}

// copyHead copies what a head leads to, and then the head.
func (m *run) copyHead(ctx context.Context, h *trust.Head, raw []byte) error {
	now := mirrorfile.File{
		Origin: m.source.String(), Repository: h.Repository, Head: h.Digest, Seq: h.Seq,
		Only: m.Only, Images: m.Images != nil, Platforms: m.Platforms,
	}
	same := !m.Checksum && m.whole(h.Digest, now)
	if same && m.Images == nil {
		m.result.Unchanged, m.result.Kubes = true, m.before.Kubes
		return nil
	}
	c := &copying{run: m, head: h, fresh: m.Checksum || !m.before.Whole || m.old == nil || !sameWish(m.before, now)}
	c.begin = sync.OnceValue(c.unfinished)
	if err := c.lead(ctx); err != nil {
		return leftOut(ctx, m.source, c.choice, err)
	}
	now.Lacks, now.Kubes = c.lacks, h.Kubes
	if len(m.only) > 0 {
		now.Kubes = int64(len(c.kubes))
	}
	m.result.Kubes = now.Kubes
	if m.DryRun {
		return c.measure(ctx)
	}
	if !same {
		if err := c.put(ctx, now, raw); err != nil {
			return err
		}
	}
	if err := copyImages(ctx, c); err != nil {
		if lost := new(imageError); errors.As(err, &lost) {
			now.Missing = lost.refs
		}
		return errors.Join(err, m.folder.writeNote(now))
	}
	now.Whole = true
	return m.folder.writeNote(now)
}

// put copies the files, then the head, then the pages; mirror.json says until the end
// that the mirror is not whole.
func (c *copying) put(ctx context.Context, now mirrorfile.File, raw []byte) error {
	if err := c.folder.writeNote(now); err != nil {
		return err
	}
	if err := c.copy(ctx); err != nil {
		return leftOut(ctx, c.source, c.choice, err)
	}
	if err := c.putHead(ctx, c.head, raw); err != nil {
		return err
	}
	return noted(c.pages(ctx), now)
}

// unfinished says in mirror.json, before anything else is written, that the folder is not
// whole any more: the next run clears what this one leaves behind when it is killed.
func (m *run) unfinished() error {
	if !m.before.Whole {
		return nil
	}
	n := m.before
	n.Whole = false
	return m.folder.writeNote(n)
}

// whole reports whether the folder has all of a head, and nothing else was wished for.
func (m *run) whole(head index.Digest, now mirrorfile.File) bool {
	return m.before.Whole && m.before.Head == head && m.old != nil && m.old.Digest == head && sameWish(m.before, now)
}

func sameWish(a, b mirrorfile.File) bool {
	return slices.Equal(a.Only, b.Only) && a.Images == b.Images && slices.Equal(a.Platforms, b.Platforms)
}
