package mirror

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
)

// folder is a mirror on this host.
type folder struct{ dir string }

// lockName keeps other mirrors, and publishers, out of the folder.
const lockName = ".lock"

// atOnce is how many files are copied at the same time.
const atOnce = fetch.AtOnce

// imagesFolder holds the images of a mirror, an OCI image layout.
const imagesFolder = "images"

func (f folder) at(path string) string { return filepath.Join(f.dir, filepath.FromSlash(path)) }

// apart are the sources but for the folder itself and what it lies in: nothing of a
// mirror belongs there. That none is left is an error.
func (f folder) apart(sources []*fetch.Source) ([]*fetch.Source, error) {
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(slices.Clone(sources), func(s *fetch.Source) bool {
		from, err := os.Stat(s.Folder())
		return err == nil && within(dir, from)
	})
	if len(rest) == 0 && len(sources) > 0 {
		return nil, errcode.With(errcode.Usage, nil, fmt.Errorf("a mirror of %s cannot be in that folder itself: say another one than %s", sources[0], f.dir))
	}
	return rest, nil
}

// within reports whether a folder is top, or would be below it.
func within(dir string, top fs.FileInfo) bool {
	for {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
		if at, err := os.Stat(dir); err == nil && os.SameFile(at, top) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
		dir = filepath.Dir(dir)
	}
}

// refuseOthers: a folder that holds something else is not made a mirror, which is served
// whole.
func (f folder) refuseOthers() error {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first := []string{"objects", "kubes", "trust", path.Dir(index.HeadPath), imagesFolder, "lost+found"} // of a run that was cut short, and of a new disk
	other := slices.IndexFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasPrefix(e.Name(), ".") && !slices.Contains(first, e.Name())
	})
	if other < 0 || f.there(mirrorfile.Path) || f.there(index.HeadPath) {
		return nil
	}
	return errcode.With(errcode.Usage, nil, fmt.Errorf("%s is no mirror, and not empty: %s is in it; a mirror wants a folder of its own", f.dir, entries[other].Name()))
}

func (f folder) there(name string) bool {
	_, err := os.Lstat(f.at(name))
	return err == nil
}

func (f folder) lock(ctx context.Context) (unlock func(), err error) {
	if err := atomicfile.MakeFolder(f.dir); err != nil {
		return nil, fmt.Errorf("making the mirror: %w", err)
	}
	held, err := atomicfile.Lock(ctx, f.at(lockName))
	if err != nil {
		return nil, fmt.Errorf("locking the mirror: %w", err)
	}
	return held.Unlock, nil
}

// clear removes what a run left behind that was killed; parts of downloads stay, the next
// run goes on with them. Beside a folder that is whole only its mirror.json can lie.
func (f folder) clear(n mirrorfile.File) error {
	if n.Whole {
		return atomicfile.Sweep(f.dir)
	}
	return filepath.WalkDir(f.dir, func(at string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), atomicfile.TempPrefix) {
			return os.RemoveAll(at)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// has reports whether a file of that size is at path.
func (f folder) has(path string, size int64) bool {
	info, err := os.Lstat(f.at(path))
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}

// holds reports whether the file at path has the bytes that ref names.
func (f folder) holds(path string, ref index.Ref) bool {
	file, err := os.Open(f.at(path))
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // read only
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(file, ref.Size+1))
	return err == nil && n == ref.Size && hex.EncodeToString(sum.Sum(nil)) == string(ref.SHA256)
}

// read gives the bytes of a file that ref names, if they are there.
func (f folder) read(path string, ref index.Ref) ([]byte, bool) {
	if !f.has(path, ref.Size) {
		return nil, false
	}
	data, err := inputfile.Read(f.at(path), ref.Size)
	return data, err == nil && ref.Match(data) == nil
}

func (f folder) write(path string, data []byte) error {
	if err := atomicfile.MakeFolder(filepath.Dir(f.at(path))); err != nil {
		return err
	}
	return atomicfile.Write(f.at(path), data, 0o644)
}

// note reads mirror.json; without one, or with one that cannot be read, nothing is known
// of the folder.
func (f folder) note() (mirrorfile.File, error) {
	data, err := inputfile.Read(f.at(mirrorfile.Path), mirrorfile.Max)
	if errors.Is(err, fs.ErrNotExist) {
		return mirrorfile.File{}, nil
	}
	if err != nil {
		return mirrorfile.File{}, err
	}
	n, err := mirrorfile.Decode(data)
	if err != nil {
		return mirrorfile.File{}, nil //nolint:nilerr // it is written anew
	}
	return n, nil
}

func (f folder) writeNote(n mirrorfile.File) error {
	data, err := n.Encode()
	if err != nil {
		return err
	}
	return f.write(mirrorfile.Path, data)
}
