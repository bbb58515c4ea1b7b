// Package inputfile reads files that a user names on the command line. Such a name
// may lead anywhere: to a device that never ends, to a pipe that nobody writes
// to, to a file of another kind. So each is read up to a limit, and nothing is
// waited for that may never come.
package inputfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Limits of what users name, in bytes.
const (
	MaxKey    = 64 << 10 // a key, a passphrase
	MaxValues = 1 << 20  // values and settings
)

// Open opens the file at path to read it, and waits for nobody who would write to a pipe.
func Open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|noWait, 0)
}

// Read reads the file at path, which has at most limit bytes. A pipe is read to
// its end, as of a shell's <(…), but one that nobody writes to is an error. Every
// error names the path.
func Read(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is a folder")}
	}
	var b bytes.Buffer
	b.Grow(int(min(info.Size(), limit) + bytes.MinRead)) // which is all of a regular file, and the read that finds its end
	_, err = b.ReadFrom(io.LimitReader(f, limit+1))
	data := b.Bytes()
	switch {
	case err != nil:
		return nil, err
	case int64(len(data)) > limit:
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("is more than the %d bytes that it may have", limit)}
	case len(data) == 0 && info.Mode()&fs.ModeNamedPipe != 0:
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is a pipe that nobody writes to")}
	}
	return data, nil
}
