package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// Download fetches the file at path whose bytes ref names into the file dst,
// which appears only when size and sha256 fit. Until then the bytes are in
// dst.part; a later Download of the same dst goes on from there, if the source
// can. Other bytes are an *index.MismatchError, and dst.part is removed.
// Two Downloads of one dst must not run at once.
//
// A progress that is not nil is told of the bytes that are there and of their
// total.
func (s *Source) Download(ctx context.Context, path string, ref index.Ref, dst string, progress func(done, total int64)) error {
	r, err := s.Receive(ctx, path, ref, dst, progress)
	if err != nil {
		return err
	}
	return r.Keep()
}

// Receive is Download without its end: the bytes are there and fit, and are in
// dst.part until Keep.
func (s *Source) Receive(ctx context.Context, path string, ref index.Ref, dst string, progress func(done, total int64)) (*Received, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	p, err := openPart(dst, ref, progress)
	if err != nil {
		return nil, fmt.Errorf("downloading to %s: %w", dst, err)
	}
	err = s.fill(ctx, path, p)
	if isMismatch(err) && p.resumed {
		s.logf("%v; starting again", err) // what was there, not what came, may be wrong
		if err = p.restart(); err == nil {
			err = s.fill(ctx, path, p)
		}
	}
	if err == nil {
		return &Received{p}, nil
	}
	if isMismatch(err) {
		p.remove()
	}
	p.close()
	return nil, err
}

// Received is a file that came and is not yet in its place.
type Received struct{ part *part }

// Keep brings the bytes to the disk, which takes its time, and puts the file in its
// place. It is called once.
func (r *Received) Keep() error {
	defer r.part.close()
	if err := r.part.commit(); err != nil {
		return fmt.Errorf("downloading to %s: %w", r.part.dst, err)
	}
	return nil
}

func isMismatch(err error) bool {
	_, ok := errors.AsType[*index.MismatchError](err)
	return ok
}

// fill fetches what p lacks, and checks the whole.
func (s *Source) fill(ctx context.Context, path string, p *part) error {
	if err := retry(ctx, s, func() error { return s.goOn(ctx, path, p) }); err != nil {
		return err
	}
	if err := match(p.want, p.size, p.sum); err != nil {
		return fmt.Errorf("fetching %s: %w", printed(join(s.base, path)), err)
	}
	return nil
}

// goOn fetches the rest of p, or all of it from a source that cannot give the
// rest.
func (s *Source) goOn(ctx context.Context, path string, p *part) error {
	if p.size > 0 && p.size == p.want.Size {
		return nil
	}
	r, err := s.openRest(ctx, path, p)
	if err != nil {
		return err
	}
	defer r.close()
	if r.code == http.StatusOK {
		if err := p.restart(); err != nil {
			return err
		}
		if r.length >= 0 && r.length != p.want.Size {
			return r.mismatch(&index.MismatchError{Want: p.want, Size: r.length})
		}
	}
	return p.readBody(r.body)
}

// openRest asks for the bytes from p.size on. A source whose answer is not
// exactly those is asked for all.
func (s *Source) openRest(ctx context.Context, path string, p *part) (*reply, error) {
	r, err := s.open(ctx, ask{path: path, from: p.size})
	status, refused := errors.AsType[*StatusError](err)
	switch {
	case refused && status.Code == http.StatusRequestedRangeNotSatisfiable:
	case err != nil || r.code != http.StatusPartialContent || r.isRest(p.size, p.want.Size):
		return r, err
	default:
		r.close()
	}
	s.logf("%s does not go on from byte %d; starting again", printed(join(s.base, path)), p.size)
	return s.open(ctx, ask{path: path})
}

var rangeForm = lazyregexp.New(`^bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)$`)

// isRest reports whether the reply brings the bytes from `from` to the end of
// a file of that size.
func (r *reply) isRest(from, size int64) bool {
	m := rangeForm().FindStringSubmatch(r.header.Get("Content-Range"))
	if m == nil {
		return false
	}
	first, last := strconv.FormatInt(from, 10), strconv.FormatInt(size-1, 10)
	return m[1] == first && m[2] == last && (m[3] == "*" || m[3] == strconv.FormatInt(size, 10))
}

// contentRange is the header that isRest reads.
func contentRange(from, size int64) string {
	return fmt.Sprintf("bytes %d-%d/%d", from, size-1, size)
}
