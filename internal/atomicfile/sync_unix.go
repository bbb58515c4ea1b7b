//go:build unix

package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func rename(from, to string) error {
	return os.Rename(from, to)
}

// syncFile brings the file at path to the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir brings the names in dir to the disk. A file system that does not
// know how is left alone.
func syncDir(dir string) error {
	err := syncFile(dir)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
