package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync/atomic"
)

var errNotRegular = errors.New("not a regular file")

// openFile is open for a source in a directory. The directory is opened anew
// each time, as it may be replaced or unmounted in between.
func (s *Source) openFile(ctx context.Context, a ask) (*reply, error) {
	url := printed(join(s.base, a.path))
	s.requests.Add(1)
	s.logf("reading %s", url)
	root, err := openRoot(directory(s.base))
	if err != nil {
		return nil, &netError{url: s.String(), err: reason(err)}
	}
	f, size, err := openRegular(root, a.path)
	closing := root.Close()
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", url, kind(err))
	}
	if a.from > 0 {
		_, err = f.Seek(a.from, io.SeekStart)
	}
	if err = errors.Join(err, closing); err != nil {
		return nil, fmt.Errorf("fetching %s: %w", url, kind(errors.Join(err, f.Close())))
	}
	r := &reply{url: url, code: http.StatusOK, length: size, body: &fileBody{ctx, f, url, &s.bytes}}
	if a.from > 0 {
		r.code, r.length = http.StatusPartialContent, -1
		r.header = http.Header{"Content-Range": {contentRange(a.from, size)}}
	}
	return r, nil
}

// openRoot opens a directory, and hangs on nothing else that may be there.
func openRoot(dir string) (*os.Root, error) {
	fi, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !fi.IsDir() {
		return nil, errors.New("not a directory")
	}
	return os.OpenRoot(dir)
}

// openRegular opens a regular file below root. It looks before it opens, as
// opening a device may do something, and looks again at what it opened.
func openRegular(root *os.Root, path string) (*os.File, int64, error) {
	fi, err := root.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !fi.Mode().IsRegular() {
		return nil, 0, errNotRegular
	}
	f, err := root.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, 0, err
	}
	fi, err = f.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, fi.Size(), nil
}

// kind makes the two errors that callers know of those of the file system.
func kind(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotFound
	case errors.Is(err, fs.ErrPermission):
		return ErrForbidden
	}
	return reason(err)
}

// reason is err without the path that the message already has.
func reason(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// fileBody is a file under the caller's context.
type fileBody struct {
	ctx   context.Context // of the one transfer that the body is
	f     *os.File
	url   string
	count *atomic.Int64
}

func (b *fileBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, fmt.Errorf("fetching %s: %w", b.url, err)
	}
	n, err := b.f.Read(p)
	b.count.Add(int64(n))
	if err != nil && err != io.EOF {
		err = &netError{url: b.url, err: reason(err)}
	}
	return n, err
}

func (b *fileBody) Close() error { return b.f.Close() }
