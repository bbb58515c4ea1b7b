package hook

import (
	"fmt"
	"io/fs"
	"os"
)

// remove removes the folder dir and all in it, also folders that the hook closed
// to its owner, or nested deeper than files can be open.
func remove(dir string) error {
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	if err := dismantle(dir); err != nil {
		return fmt.Errorf("removing its copy: %w", err)
	}
	return nil
}

// dismantle empties each folder once it is opened to its owner and was moved to
// the top of dir: so none is deep by then.
func dismantle(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() //nolint:errcheck // its content is gone by then
	folders, err := empty(root)
	if err != nil {
		return err
	}
	for n := 0; len(folders) > 0; {
		name := folders[len(folders)-1]
		folders = folders[:len(folders)-1]
		below, err := openClosed(root, name)
		if err != nil {
			return err
		}
		inner, err := empty(below)
		_ = below.Close() //nolint:errcheck // only read
		if err != nil {
			return err
		}
		for _, in := range inner {
			n++
			top := fmt.Sprintf("kpm-removes-%d", n)
			if err := root.Rename(name+"/"+in, top); err != nil {
				return err
			}
			folders = append(folders, top)
		}
		if err := root.Remove(name); err != nil {
			return err
		}
	}
	return os.Remove(dir)
}

// openClosed opens a folder that its owner may not look into.
func openClosed(root *os.Root, name string) (*os.Root, error) {
	if err := root.Chmod(name, 0o700); err != nil {
		return nil, err
	}
	return root.OpenRoot(name)
}

// empty removes all from a folder but the folders in it, which it names. They
// are opened to their owner: only then can they be moved.
func empty(root *os.Root) (folders []string, err error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			if err := root.Remove(e.Name()); err != nil {
				return nil, err
			}
			continue
		}
		if err := root.Chmod(e.Name(), 0o700); err != nil {
			return nil, err
		}
		folders = append(folders, e.Name())
	}
	return folders, nil
}
