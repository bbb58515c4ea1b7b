package search

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// tempSuffix ends the names of files that are about to be renamed.
const tempSuffix = ".kpm-tmp"

// replaceFile writes b to path by a temporary file, fsync and rename, so that
// a reader sees the old bytes or the new ones. Only the holder of the lock may
// call it: the temporary name is always the same.
func replaceFile(path string, b []byte) error {
	if err := writeFile(path+tempSuffix, b); err != nil {
		return err
	}
	err := patiently(func() error { return os.Rename(path+tempSuffix, path) })
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// writeFile writes b to path and syncs it.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncFile makes a file that is already written durable.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func readFile(path string) (b []byte, err error) {
	err = patiently(func() error {
		b, err = os.ReadFile(path)
		return err
	})
	return b, err
}

// patiently repeats do, for at most a second, while it is refused only because
// another process has the same file open at this moment. That happens on
// Windows alone.
func patiently(do func() error) error {
	for range 100 {
		if err := do(); err == nil || !isBusy(err) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return do()
}
