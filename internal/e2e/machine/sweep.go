//go:build linux

package machine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// cgroups is where the hierarchies of cgroups are mounted: in folders of it, or,
// in version 2, itself.
const cgroups = "/sys/fs/cgroup"

// containerdCgroup is the cgroup that containerd makes for the namespace of
// Kubernetes, in every hierarchy, whatever its settings say.
const containerdCgroup = "k8s.io"

// Sweeper notes which cgroups are there now, and gives what removes those that a
// machine adds directly below a root, and those in them: its own, of that name, and
// containerd's where there was none before. It is to be called after the last process
// of the machine has ended.
func Sweeper(name string) (sweep func() error, err error) {
	before, err := roots(containerdCgroup)
	if err != nil {
		return nil, err
	}
	return func() error {
		own, err := roots(name)
		shared, err2 := roots(containerdCgroup)
		errs := []error{err, err2}
		for _, root := range own {
			errs = append(errs, removeAll(root))
		}
		for _, root := range shared {
			if slices.Contains(before, root) {
				continue
			}
			if err := removeAll(root); !errors.Is(err, syscall.EBUSY) { // another containerd has begun to use it
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}, nil
}

// roots are the cgroups of a name that lie directly below a root.
func roots(name string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(cgroups, "*", name))
	if err != nil {
		return nil, err
	}
	if root := filepath.Join(cgroups, name); isFolder(root) {
		found = append(found, root)
	}
	return found, nil
}

func isFolder(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir()
}

// removeAll removes a cgroup after those in it. The files in a cgroup go with it.
func removeAll(root string) error {
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
