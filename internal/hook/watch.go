package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/kube"
)

// watch looks at the copy while the hook runs, until ctx ends or the copy holds
// more than twice what a Kube may: temporary files are for the hook to have, the
// disk is not for it to fill.
func (b *box) watch(ctx context.Context) error {
	root, err := os.OpenRoot(b.kube)
	if err != nil {
		return fmt.Errorf("watching its copy: %w", err)
	}
	defer func() { _ = root.Close() }() //nolint:errcheck // only read
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := tooMuch(root.FS()); err != nil {
			return err
		}
	}
}

// tooMuch says if a copy is too large, or cannot be looked at. What vanishes
// meanwhile is no error.
func tooMuch(copied fs.FS) error {
	entries, total := 0, int64(0)
	return fs.WalkDir(copied, ".", func(p string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if entries++; entries > maxEntries {
			return fmt.Errorf("it makes more than %d files and folders", maxEntries)
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		if total += info.Size(); total > 2*kube.MaxTotal {
			return fmt.Errorf("it writes more than %d bytes", 2*kube.MaxTotal)
		}
		return nil
	})
}
