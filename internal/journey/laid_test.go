package journey

import (
	"io/fs"
	"os"
	"path/filepath"
)

// laid is a file system that makes room for each file as it is opened, so that
// os.CopyFS, which replaces nothing, lays one tree over another.
type laid struct {
	fs.FS
	over string
}

// Open removes the file of that name below over.
func (l laid) Open(name string) (fs.File, error) {
	f, err := l.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if err := os.Remove(filepath.Join(l.over, filepath.FromSlash(name))); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	return f, nil
}
