package fetch

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"github.com/kpm-sh/kpm/internal/index"
)

// part is a download that is not yet complete: a file, and the sha256 of what
// it holds.
type part struct {
	dst      string
	f        *os.File
	sum      hash.Hash
	size     int64
	want     index.Ref
	resumed  bool // it holds bytes of an earlier Download
	progress func(done, total int64)
}

// openPart opens what an earlier try left of dst, or starts a new part.
func openPart(dst string, want index.Ref, progress func(done, total int64)) (*part, error) {
	name := dst + ".part"
	fi, err := os.Lstat(name)
	if err == nil && !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %w", name, errNotRegular)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	p := &part{dst: dst, f: f, sum: sha256.New(), want: want, progress: progress}
	if err = f.Chmod(0o644); err == nil { // whatever the umask: a mirror is served by somebody else
		p.size, err = io.Copy(p.sum, f)
	}
	p.resumed = p.size > 0
	if err == nil && p.size > want.Size {
		err = p.restart()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

// restart drops what is there.
func (p *part) restart() error {
	p.size, p.resumed = 0, false
	p.sum.Reset()
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	_, err := p.f.Seek(0, io.SeekStart)
	return err
}

// readBody appends a body, up to one byte more than is wanted.
func (p *part) readBody(body io.Reader) error {
	p.progress(p.size, p.want.Size)
	_, err := io.Copy(p, io.LimitReader(body, p.want.Size+1-p.size))
	return err
}

// Write appends b.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.sum.Write(b[:n])
	p.size += int64(n)
	p.progress(min(p.size, p.want.Size), p.want.Size)
	return n, err
}

// commit makes the part the file it is meant to be.
func (p *part) commit() error {
	if err := p.f.Sync(); err != nil {
		return err
	}
	if err := p.f.Close(); err != nil {
		return err
	}
	return os.Rename(p.f.Name(), p.dst)
}

// remove drops the part; close keeps it, unless it is empty.
func (p *part) remove() {
	_ = p.f.Close()           //nolint:errcheck // it is thrown away
	_ = os.Remove(p.f.Name()) //nolint:errcheck // what stays is swept
}

func (p *part) close() {
	if p.size == 0 {
		p.remove()
	}
	_ = p.f.Close() //nolint:errcheck // what was written is hashed again before it counts
}
