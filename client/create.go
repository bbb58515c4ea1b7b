package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Create makes the folder of a new Kube below parent and returns its path. The
// Kube is whole: it passes `kpm lint`, and can be changed from there. A folder
// or file that is already there is left alone, with an error.
func Create(parent, name string) (string, error) {
	if err := kube.ValidName(name); err != nil {
		return "", errcode.With(errcode.Usage, nil, err)
	}
	dir := filepath.Join(parent, name)
	if _, err := os.Lstat(dir); err == nil {
		return "", fmt.Errorf("creating %s: %w", dir, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	tmp, err := atomicfile.TempDir(parent)
	if err != nil {
		return "", fmt.Errorf("creating %s: %w", dir, err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it is gone when all went well
	files, err := kube.Example(name)
	if err != nil {
		return "", err
	}
	if err := workcopy.Unpack(&kube.Kube{Files: files}, tmp); err != nil {
		return "", fmt.Errorf("creating %s: %w", dir, err)
	}
	return dir, atomicfile.ReplaceDir(tmp, dir)
}
