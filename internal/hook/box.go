package hook

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/kube"
)

// box is the private folder of one run.
type box struct {
	dir      string
	kube     string // the copy
	previous string // what the hook wrote last time; "" if nothing
	root     string // empty: the root of a mount namespace
}

func newBox(tempDir string, k *kube.Kube, previous []kube.File) (*box, error) {
	dir, err := os.MkdirTemp(tempDir, "kpm-hook-")
	if err != nil {
		return nil, err
	}
	b := &box{dir: dir, kube: filepath.Join(dir, "kube"), root: filepath.Join(dir, "root")}
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
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() //nolint:errcheck // a folder has nothing to flush
	for _, f := range files {
		if err := root.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if f.Exec {
			mode = 0o755
		}
		if err := root.WriteFile(f.Path, f.Data, mode); err != nil {
			return err
		}
	}
	return nil
}

// remove removes the box, also folders that the hook closed to its owner.
func (b *box) remove() error {
	err := os.RemoveAll(b.dir)
	if err == nil {
		return nil
	}
	reopen(b.dir)
	if err = os.RemoveAll(b.dir); err != nil {
		return fmt.Errorf("removing its copy: %w", err)
	}
	return nil
}

// reopen gives the owner access to the folder dir and all below it.
func reopen(dir string) {
	_ = os.Chmod(dir, 0o700)      //nolint:errcheck // what stays closed is reported by who removes it
	entries, _ := os.ReadDir(dir) //nolint:errcheck // what stays closed is reported by who removes it
	for _, e := range entries {
		if e.IsDir() {
			reopen(filepath.Join(dir, e.Name()))
		}
	}
}
