package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
)

// Collected is what a garbage collection did, or would do.
type Collected struct {
	Kept, Removed int
	Bytes         int64 // of the removed files
}

// Collect removes the files under kubes/ and objects/ that no head leads to
// whose expiry and the grace that the trust document allows lie ahead, and the
// web pages that a head before lists and the published one does not. All
// trust documents and their trusted roots stay, and so does what kpm did not write. A previous head
// that is missing within that time makes it refuse: something is wrong with
// the site, and what the lost head led to would be lost too. So do heads that
// were lost before a restore.
func Collect(ctx context.Context, o MaintainOptions, dryRun bool) (*Collected, error) {
	s := site{o.Site}
	unlock, err := s.lockPublished(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	m, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	r := &reach{read: m.read, report: o.Report, files: map[string]index.Ref{}}
	r.files[index.ObjectPath(m.published.Stored.SHA256)] = m.published.Stored.Ref
	for _, root := range m.chain.rootFiles() {
		r.files[root.Path] = root.Ref
	}
	if err := r.head(ctx, m.published.Head); err != nil {
		return nil, err
	}
	at := m.published.Head
	stale, err := m.listedPages(ctx, r.files)
	if err != nil {
		return nil, fmt.Errorf("refusing to remove anything: %w", err)
	}
	for old, err := range m.history(ctx) {
		if err != nil {
			return nil, fmt.Errorf("refusing to remove anything: %w", err)
		}
		if err := m.chain.lostBetween(old.Head, at, o.Now); err != nil {
			return nil, fmt.Errorf("refusing to remove anything: %w", err)
		}
		at = old.Head
		r.files[index.ObjectPath(old.Stored.SHA256)] = old.Stored.Ref
		stale.add(ctx, m.read, old.Head)
		if m.chain.graceOver(old.Head, o.Now) {
			break
		}
		if err := r.head(ctx, old.Head); err != nil {
			return nil, fmt.Errorf("refusing to remove anything: %w", err)
		}
	}
	c, err := s.sweep(r.files, dryRun)
	if err != nil {
		return nil, err
	}
	return c, stale.sweep(s, c, dryRun)
}

// lostBetween: heads that were published between two, and are lost, led to files
// that nobody can name any more. Clients may ask for them until the grace of the
// last one is over.
func (c *chain) lostBetween(old, at *index.Head, now time.Time) error {
	if at.Epoch != old.Epoch || at.Seq <= old.Seq+1 {
		return nil
	}
	until := at.Issued.Add(MaxLife).Add(c.grace())
	if until.Before(now) {
		return nil
	}
	return fmt.Errorf("publish %d was restored from publish %d, and clients may ask for what was published between until %s", at.Seq, old.Seq, until.Format(time.DateOnly))
}

// sweep removes the files that are not in keep.
func (s site) sweep(keep map[string]index.Ref, dryRun bool) (*Collected, error) {
	var c Collected
	for _, top := range []string{"kubes", "objects"} {
		err := filepath.WalkDir(s.at(top), func(at string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(s.dir, at)
			if err != nil {
				return err
			}
			if _, ok := keep[path.Clean(filepath.ToSlash(rel))]; ok {
				c.Kept++
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			c.Removed++
			c.Bytes += info.Size()
			if dryRun {
				return nil
			}
			return os.Remove(at)
		})
		if err != nil {
			return nil, fmt.Errorf("collecting garbage: %w", err)
		}
	}
	return &c, nil
}
