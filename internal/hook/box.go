package hook

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/kube"
)

// box is the private folder of one run.
type box struct {
	dir      string
	bounds   bounds
	alive    *atomicfile.Held // says that this kpm is still there
	kube     string           // the copy
	previous string           // what the hook wrote last time; "" if nothing
	root     string           // empty: the root of a mount namespace
}

func newBox(ctx context.Context, in string, k *kube.Kube, previous []kube.File) (*box, error) {
	dir, alive, err := newFolder(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("making its folder: %w", err)
	}
	b := &box{dir: dir, alive: alive, bounds: usualBounds(), kube: filepath.Join(dir, "kube"), root: filepath.Join(dir, "root")}
	if err := b.fill(k, previous); err != nil {
		_ = b.remove() //nolint:errcheck // the first error says more
		return nil, fmt.Errorf("making its copy: %w", err)
	}
	return b, nil
}

func (b *box) fill(k *kube.Kube, previous []kube.File) error {
	if err := os.Mkdir(b.root, 0o755); err != nil {
		return err
	}
	if err := writeFiles(b.kube, k.Files); err != nil {
		return err
	}
	if len(previous) == 0 {
		return nil
	}
	b.previous = filepath.Join(b.dir, "previous")
	return writeFiles(b.previous, previous)
}

// writeFiles writes files into the new folder dir and nowhere else, whatever
// their paths are: the previous ones come from a cluster.
func writeFiles(dir string, files []kube.File) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the hook may be another user
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() //nolint:errcheck // a folder has nothing to flush
	for _, f := range files {
		if err := makeFolders(root, path.Dir(f.Path)); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if f.Exec {
			mode = 0o755
		}
		if err := root.WriteFile(f.Path, f.Data, mode); err != nil {
			return err
		}
		if err := root.Chmod(f.Path, mode); err != nil {
			return err
		}
	}
	return nil
}

// makeFolders makes a folder and those above it, whatever the umask is.
func makeFolders(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if _, err := root.Lstat(dir); err == nil {
		return nil
	}
	if err := makeFolders(root, path.Dir(dir)); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return root.Chmod(dir, 0o755)
}

// remove removes the box.
func (b *box) remove() error {
	err := remove(b.dir)
	b.alive.Unlock()
	return err
}
