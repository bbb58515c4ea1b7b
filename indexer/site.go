package indexer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
)

// stagingDir is where archives wait inside a site until they are published.
// Like every dotfile it is never served.
const stagingDir = ".staging"

// lockName is the lock that a publisher holds on a site.
const lockName = ".lock"

// firstName marks a site whose first publish has begun: until its head is in
// place, nothing that lies there was ever published.
const firstName = ".first"

// nextName is the head that a publisher is about to put in place after a new trust
// document. Under that the head of before may be none any more.
const nextName = ".next"

// site is the folder of a published site on this host.
type site struct{ dir string }

func (s site) at(path string) string {
	return filepath.Join(s.dir, filepath.FromSlash(path))
}

// lock makes the folder if need be and keeps other publishers out. It removes
// what a publisher left behind that died.
func (s site) lock(ctx context.Context) (unlock func(), err error) {
	if keys := privateKeys(s.dir); len(keys) > 0 {
		return nil, errcode.With(errcode.Usage, nil, fmt.Errorf("%s would be served with the site: keep keys outside of %s", keys[0], s.dir))
	}
	if err := atomicfile.MakeFolder(s.dir); err != nil {
		return nil, fmt.Errorf("making the site: %w", err)
	}
	held, err := atomicfile.Lock(ctx, s.at(lockName))
	if err != nil {
		return nil, fmt.Errorf("locking the site: %w", err)
	}
	if err := s.clear(); err != nil {
		held.Unlock()
		return nil, fmt.Errorf("clearing what a publisher left behind: %w", err)
	}
	return held.Unlock, nil
}

// keyExt is how files of private keys end; nothing that is published does.
const keyExt = ".key"

// privateKeys are the files of keys in a folder and the folders in it, which is where a slip
// of the hand puts them.
func privateKeys(dir string) []string {
	keys, folders := keysIn(dir)
	for _, folder := range folders {
		more, _ := keysIn(folder)
		keys = append(keys, more...)
	}
	return keys
}

// keysIn has nothing for a folder that cannot be read: who writes there hears of that.
func keysIn(dir string) (keys, folders []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil
	}
	for _, e := range entries {
		switch at := filepath.Join(dir, e.Name()); {
		case e.IsDir():
			folders = append(folders, at)
		case filepath.Ext(at) == keyExt:
			keys = append(keys, at)
		}
	}
	return keys, folders
}

// lockPublished is lock for a site that must be there.
func (s site) lockPublished(ctx context.Context) (unlock func(), err error) {
	if _, err := os.Stat(s.dir); err != nil {
		return nil, fmt.Errorf("opening the site: %w", err)
	}
	return s.lock(ctx)
}

// clear removes staged archives, files that did not reach their place, and a
// mark that a first publish could not take away after its end.
func (s site) clear() error {
	if err := errors.Join(os.RemoveAll(s.at(stagingDir)), atomicfile.Sweep(s.dir)); err != nil {
		return err
	}
	for _, top := range []string{"kubes", "objects", "trust", path.Dir(index.HeadPath)} {
		err := filepath.WalkDir(s.at(top), func(at string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err == nil && strings.HasPrefix(d.Name(), atomicfile.TempPrefix):
				return os.RemoveAll(at)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if s.there(index.HeadPath) {
		return s.unmarkFirst()
	}
	return nil
}

// there reports whether something lies at path, or may: what cannot be known
// counts.
func (s site) there(path string) bool {
	_, err := os.Lstat(s.at(path))
	return !errors.Is(err, fs.ErrNotExist)
}

// markFirst marks the site as one whose first publish has begun.
func (s site) markFirst() error {
	return s.write(firstName, nil)
}

// unmarkFirst takes the mark away.
func (s site) unmarkFirst() error {
	if err := os.Remove(s.at(firstName)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// staging makes the folder for archives that are not published yet.
func (s site) staging() (dir string, remove func(), err error) {
	dir = s.at(stagingDir)
	if err := atomicfile.MakeFolder(dir); err != nil {
		return "", nil, fmt.Errorf("making the staging folder: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil //nolint:errcheck // what stays is cleared by the next lock
}

// buffers are those that files are read with, of which there are many.
var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// has reports whether the file at path has exactly the bytes that ref names.
func (s site) has(path string, ref index.Ref) (bool, error) {
	f, err := inputfile.Open(s.at(path)) // whatever lies there
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() //nolint:errcheck // read only
	if info, err := f.Stat(); err != nil || info.Size() != ref.Size {
		return false, err
	}
	h := sha256.New()
	buffer := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buffer)
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, buffer[:]); err != nil {
		return false, err
	}
	return digest(h) == ref.SHA256, nil
}

// read gives the bytes of a file, checked against ref.
func (s site) read(path string, ref index.Ref) ([]byte, error) {
	data, err := inputfile.Read(s.at(path), ref.Size)
	if err != nil {
		return nil, err
	}
	if err := ref.Match(data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// add writes one file of a publication, unless it is there already.
func (s site) add(f index.File) error {
	if ok, err := s.has(f.Path, f.Ref); ok || err != nil {
		return err
	}
	if err := atomicfile.MakeFolder(filepath.Dir(s.at(f.Path))); err != nil {
		return err
	}
	body, err := f.Open()
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.Path, err)
	}
	defer body.Close() //nolint:errcheck // read only
	out, err := atomicfile.Create(s.at(f.Path), 0o644)
	if err != nil {
		return err
	}
	defer out.Abort()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), body)
	if err != nil {
		return err
	}
	if got := (index.Ref{SHA256: digest(h), Size: n}); got != f.Ref {
		return fmt.Errorf("writing %s: its body changed while it was written", f.Path)
	}
	return out.Commit()
}

// write puts a small file in its place.
func (s site) write(path string, data []byte) error {
	if err := atomicfile.MakeFolder(filepath.Dir(s.at(path))); err != nil {
		return err
	}
	return atomicfile.Write(s.at(path), data, 0o644)
}
