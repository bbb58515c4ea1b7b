// Package inputfile reads files that a user names on the command line. Such a name
// may lead anywhere: to a device that never ends, to a pipe that nobody writes
// to, to a file of another kind. So each is read up to a limit, and nothing is
// waited for that may never come.
package inputfile

import (
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

// Read reads the file at path, which has at most limit bytes. A pipe is read to
// its end, as of a shell's <(…), but one that nobody writes to is an error. Every
// error names the path.
func Read(path string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noWait, 0)
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
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
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
