package atomicfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path by one that holds data. The new file has
// exactly the permissions perm, whatever the umask.
func Write(path string, data []byte, perm fs.FileMode) error {
	f, err := Create(path, perm)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}

// File is new content on its way to a path. It appears there when Commit
// returns nil, and not at all otherwise.
type File struct {
	path string
	tmp  *os.File
	done bool
}

// Create starts a new file for path, whose directory must exist. The file
// will have exactly the permissions perm. End it with Commit or Abort.
func Create(path string, perm fs.FileMode) (*File, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), TempPrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	f := &File{path: path, tmp: tmp}
	if err := os.Chmod(tmp.Name(), perm); err != nil {
		f.Abort()
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	return f, nil
}

// Write appends p.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.tmp.Write(p)
	if err != nil {
		return n, fmt.Errorf("writing %s: %w", f.path, err)
	}
	return n, nil
}

// Commit puts the file in its place. After an error the path is as it was,
// except when the error is that of the directory's fsync: then the file is in
// place, but a crash may still undo it.
func (f *File) Commit() error {
	defer f.Abort()
	if err := f.commit(); err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

func (f *File) commit() error {
	if f.done {
		return os.ErrClosed
	}
	if err := f.tmp.Sync(); err != nil {
		return err
	}
	if err := f.tmp.Close(); err != nil {
		return err
	}
	if err := rename(f.tmp.Name(), f.path); err != nil {
		return err
	}
	f.done = true
	return SyncDir(filepath.Dir(f.path))
}

// Abort drops the file. After Commit, or a second time, it does nothing, so it
// can be deferred.
func (f *File) Abort() {
	if f.done {
		return
	}
	f.done = true
	_ = f.tmp.Close()           //nolint:errcheck // it is thrown away
	_ = os.Remove(f.tmp.Name()) //nolint:errcheck // what stays is swept
}
