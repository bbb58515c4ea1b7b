package hook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/kube"
)

const (
	watchEvery = 250 * time.Millisecond // how often the size of a copy is looked at
	maxDepth   = 64                     // folders inside each other in a copy
	batch      = 256                    // entries of a folder that are read at once
)

// bounds are those of a copy while its hook runs. A file system of its own keeps
// them itself; a copy on the disk is watched.
type bounds struct {
	entries int   // files and folders
	bytes   int64 // of files; on the disk, of those that have a name
	lost    int64 // bytes that its file system may have less than when it began
	free    func(dir *os.Root) (bytes int64, ok bool)
}

func usualBounds() bounds {
	return bounds{entries: maxEntries, bytes: 2 * kube.MaxTotal, lost: 1 << 30, free: freeSpace}
}

// watch looks at a copy on the disk while the hook runs, until ctx ends or the copy
// holds more than its bounds: temporary files are for the hook to have, the disk
// is not for it to fill.
//
// A file that has no name any more still takes its place on the disk, and cannot
// be counted. So the free space of the disk is watched, too, which others use as
// well: its bound is generous.
func (b bounds) watch(ctx context.Context, root *os.Root) error {
	before, known := b.free(root)
	for pause := watchEvery; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		began := time.Now()
		if err := b.tooMuch(ctx, root); err != nil {
			return err
		}
		pause = max(watchEvery, 4*time.Since(began))
		if now, ok := b.free(root); ok && known && before-now > b.lost {
			return fmt.Errorf("its disk has %d bytes less than when it began, more than %d", before-now, b.lost)
		}
	}
}

// tooMuch says if a copy is too large, or cannot be looked at. What vanishes
// meanwhile is no error, and nothing is when ctx ends.
func (b bounds) tooMuch(ctx context.Context, copied *os.Root) error {
	err := (&tally{ctx: ctx, bounds: b}).folder(copied, 0, 1)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// tally counts what a copy holds.
type tally struct {
	ctx     context.Context //nolint:containedctx // lives as long as one walk
	bounds  bounds
	entries int
	total   int64
}

// folder counts all below dir, whose own path has so many bytes and so many
// parts. Each folder is opened from its parent: that takes the same time at any
// depth, and none is deeper than maxDepth.
func (t *tally) folder(dir *os.Root, length, depth int) error {
	f, err := dir.Open(".")
	if err != nil {
		return gone(err)
	}
	defer func() { _ = f.Close() }() //nolint:errcheck // only read
	for t.ctx.Err() == nil {
		entries, err := f.ReadDir(batch)
		for _, e := range entries {
			if err := t.entry(dir, e, length, depth); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return gone(err)
		}
	}
	return t.ctx.Err()
}

func (t *tally) entry(dir *os.Root, e fs.DirEntry, length, depth int) error {
	if length += len(e.Name()); length > kube.MaxPath {
		return fmt.Errorf("it makes a path of more than %d bytes", kube.MaxPath)
	}
	if t.entries++; t.entries >= t.bounds.entries {
		return fmt.Errorf("it makes more than %d files and folders", t.bounds.entries)
	}
	if e.IsDir() {
		if depth == maxDepth {
			return fmt.Errorf("it makes more than %d folders inside each other", maxDepth)
		}
		below, err := dir.OpenRoot(e.Name())
		if err != nil {
			return gone(err)
		}
		defer func() { _ = below.Close() }() //nolint:errcheck // only read
		return t.folder(below, length+1, depth+1)
	}
	info, err := dir.Lstat(e.Name())
	if err != nil || !info.Mode().IsRegular() {
		return gone(err)
	}
	if t.total += info.Size(); t.total > t.bounds.bytes {
		return fmt.Errorf("it writes more than %d bytes", t.bounds.bytes)
	}
	return nil
}

// gone is err, unless that says that something is not there any more.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
