//go:build unix

package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Read reads the file at path, which other processes replace.
func Read(path string) ([]byte, error) { return os.ReadFile(path) }

func rename(from, to string) error {
	return os.Rename(from, to)
}

// SyncFile brings the file at path to the disk.
func SyncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncDir brings the names in dir to the disk. A file system that does not
// know how is left alone.
func SyncDir(dir string) error {
	err := SyncFile(dir)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
