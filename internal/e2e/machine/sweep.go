//go:build linux

package machine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// cgroups is where the hierarchies of cgroups are mounted: in folders of it, or,
// in version 2, itself.
const cgroups = "/sys/fs/cgroup"

// Sweep removes the cgroups of a name that lie directly below a root, and those
// in them. It is for after the last process of a machine has ended.
func Sweep(name string) error {
	roots, err := filepath.Glob(filepath.Join(cgroups, "*", name))
	if err != nil {
		return err
	}
	var errs []error
	for _, root := range append(roots, filepath.Join(cgroups, name)) {
		errs = append(errs, sweep(root))
	}
	return errors.Join(errs...)
}

// sweep removes a cgroup after those in it. The files in a cgroup go with it.
func sweep(root string) error {
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, path := range slices.Backward(all) {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
