package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// stalePages are the web pages that heads before the published one list, and it
// does not.
type stalePages struct {
	present map[string]bool
	stale   map[string]bool
}

// listedPages begins with the pages that the published head lists, and adds the
// objects of its list to files: those of older lists serve nobody, as the pages
// have been rewritten since.
func (r *repository) listedPages(ctx context.Context, files map[string]index.Ref) (*stalePages, error) {
	s := &stalePages{present: map[string]bool{}, stale: map[string]bool{}}
	list, err := pagelist.Read(ctx, r.published.Head, r.read)
	if err != nil || list == nil {
		return s, err
	}
	for _, ref := range list.Objects {
		files[index.ObjectPath(ref.SHA256)] = ref
	}
	for _, p := range list.Pages {
		s.present[p.Path] = true
	}
	return s, nil
}

// add adds the pages that an older head lists, as far as its list is there.
func (s *stalePages) add(ctx context.Context, read reader, h *index.Head) {
	list, err := pagelist.Read(ctx, h, read)
	if err != nil || list == nil {
		return
	}
	for _, p := range list.Pages {
		if !s.present[p.Path] {
			s.stale[p.Path] = true
		}
	}
}

// sweep removes them.
func (s *stalePages) sweep(from site, c *Collected, dryRun bool) error {
	c.Kept += len(s.present)
	for _, path := range slices.Sorted(maps.Keys(s.stale)) {
		info, err := os.Lstat(from.at(path))
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return fmt.Errorf("collecting garbage: %w", err)
		}
		c.Removed++
		c.Bytes += info.Size()
		if dryRun {
			continue
		}
		if err := from.removePage(path); err != nil {
			return fmt.Errorf("collecting garbage: %w", err)
		}
	}
	return nil
}
