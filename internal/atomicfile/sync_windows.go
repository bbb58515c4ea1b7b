package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Read reads the file at path, which other processes replace. While they do,
// opening it fails, so it is tried for about a second.
func Read(path string) (data []byte, err error) {
	err = patiently(func() error {
		data, err = os.ReadFile(path)
		return err
	})
	return data, err
}

// rename replaces a file. Virus scanners and indexers open new files for a
// moment and make that fail, so it is tried for about a second.
func rename(from, to string) error {
	return patiently(func() error { return os.Rename(from, to) })
}

// patiently repeats do while it is refused because another process has the file
// open, for about a second.
func patiently(do func() error) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := do()
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || wait > 512*time.Millisecond {
			return err
		}
		time.Sleep(wait)
	}
}

// SyncFile brings the file at path to the disk, for which it must be writable;
// a read-only one is left to the system.
func SyncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncDir does nothing: Windows has no fsync for directories.
func SyncDir(string) error {
	return nil
}
