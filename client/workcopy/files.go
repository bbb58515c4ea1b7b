package workcopy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/kube"
)

// Unpack writes the files of a Kube below dir. Their paths were checked when
// the Kube was read; os.Root holds them below dir all the same.
func Unpack(k *kube.Kube, dir string) error {
	root, err := openCopy(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	for _, f := range k.Files {
		if err := writeFile(root, f); err != nil {
			return fmt.Errorf("unpacking %s: %w", f.Path, err)
		}
	}
	return nil
}

// openCopy opens a folder that becomes a copy for its user to see.
func openCopy(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := root.Chmod(".", 0o755); err != nil {
		_ = root.Close() //nolint:errcheck // the first error says what is wrong
		return nil, err
	}
	return root, nil
}

func writeFile(root *os.Root, f kube.File) error {
	path := filepath.FromSlash(f.Path)
	if err := root.MkdirAll(filepath.Dir(path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	mode := fs.FileMode(0o644)
	if f.Exec {
		mode = 0o755
	}
	return root.WriteFile(path, f.Data, mode)
}
