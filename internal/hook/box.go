package hook

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// box is the private folder of one run.
type box struct {
	dir   string
	root  string           // empty: the root of a mount namespace
	alive *atomicfile.Held // says that this kpm is still there
}

func newBox(ctx context.Context, in string) (*box, error) {
	dir, alive, err := newFolder(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("making its folder: %w", err)
	}
	b := &box{dir: dir, root: filepath.Join(dir, "root"), alive: alive}
	if err := os.Mkdir(b.root, 0o755); err != nil {
		_ = b.remove() //nolint:errcheck // the first error says more
		return nil, fmt.Errorf("making its folder: %w", err)
	}
	return b, nil
}

// remove removes the box.
func (b *box) remove() error {
	err := remove(b.dir)
	b.alive.Unlock()
	return err
}
