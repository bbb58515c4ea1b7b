package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/index"
)

// Collected is what a garbage collection did, or would do.
type Collected struct {
	Kept, Removed int
	Bytes         int64 // of the removed files
}

// Collect removes the files under kubes/ and objects/ that no head leads to
// whose expiry and the grace that the trust document allows lie ahead. All
// trust documents stay, and so does what kpm did not write. A previous head
// that is missing within that time makes it refuse: something is wrong with
// the site, and what the lost head led to would be lost too.
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
	r := &reach{read: m.object, report: o.Report, files: map[string]index.Ref{}}
	if err := r.head(ctx, m.published.Head); err != nil {
		return nil, err
	}
	for old, err := range m.history(ctx) {
		if err != nil {
			return nil, fmt.Errorf("refusing to remove anything: %w", err)
		}
		r.files[index.ObjectPath(old.Stored.SHA256)] = old.Stored.Ref
		if m.chain.graceOver(old.Head, o.Now) {
			break
		}
		if err := r.head(ctx, old.Head); err != nil {
			return nil, fmt.Errorf("refusing to remove anything: %w", err)
		}
	}
	return s.sweep(r.files, dryRun)
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
