package hook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/kube"
)

// places are where a hook finds its folders.
type places struct {
	kube     string
	previous string // "" if there is none
}

// workspace is the copy in which a hook runs, as kpm reaches it.
type workspace struct {
	root    *os.Root
	at      places       // where the hook finds it
	watched bool         // nothing but kpm bounds what it takes
	full    func() error // what ends a hook that its own bounds stopped; nil where watched
}

func (w *workspace) close() {
	_ = w.root.Close() //nolint:errcheck // a folder has nothing to flush
}

// onDisk makes the copy, and the folder with what the hook wrote last time, in
// the folder dir.
func onDisk(dir string, k *kube.Kube, previous []kube.File) (*workspace, error) {
	w := &workspace{at: places{kube: filepath.Join(dir, "kube")}, watched: true}
	if len(previous) > 0 {
		w.at.previous = filepath.Join(dir, "previous")
		old, err := filled(w.at.previous, previous)
		if err != nil {
			return nil, err
		}
		if err := old.Close(); err != nil {
			return nil, err
		}
	}
	var err error
	w.root, err = filled(w.at.kube, k.Files)
	return w, err
}

// filled makes the folder dir with files in it.
func filled(dir string, files []kube.File) (*os.Root, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making its copy: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("making its copy: %w", err)
	}
	if err := writeFiles(root, files); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// writeFiles writes files below root and nowhere else, whatever their paths are:
// the previous ones come from a cluster. The hook, which may be another user, can
// read them.
func writeFiles(root *os.Root, files []kube.File) error {
	if err := root.Chmod(".", 0o755); err != nil {
		return fmt.Errorf("making its copy: %w", err)
	}
	for _, f := range files {
		if err := writeNew(root, f); err != nil {
			return fmt.Errorf("making its copy: %w", err)
		}
	}
	return nil
}

// writeNew writes f, and gives it the mode that it has whatever the umask is.
func writeNew(root *os.Root, f kube.File) error {
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
	return root.Chmod(f.Path, mode)
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
