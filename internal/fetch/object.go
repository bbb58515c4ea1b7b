package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/kpm-sh/kpm/internal/index"
)

// Object fetches the file at path whose bytes ref names, and checks them while
// they arrive. Other bytes are an *index.MismatchError. With noCache caches on
// the way are passed by. The caller has checked that ref.Size is not too much
// to hold in memory.
func (s *Source) Object(ctx context.Context, path string, ref index.Ref, noCache bool) ([]byte, error) {
	var body []byte
	err := retry(ctx, s, func() (err error) {
		body, err = s.object(ctx, ask{path: path, noCache: noCache}, ref)
		return err
	})
	return body, err
}

func (s *Source) object(ctx context.Context, a ask, ref index.Ref) ([]byte, error) {
	r, err := s.open(ctx, a)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if r.length >= 0 && r.length != ref.Size {
		return nil, r.mismatch(&index.MismatchError{Want: ref, Size: r.length})
	}
	var body bytes.Buffer
	body.Grow(int(min(max(ref.Size, 0)+1, 1<<20)))
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(&body, sum), io.LimitReader(r.body, ref.Size+1))
	if err != nil {
		return nil, err
	}
	if err := match(ref, n, sum); err != nil {
		return nil, r.mismatch(err)
	}
	return body.Bytes(), nil
}

// match compares what was received with what was expected.
func match(want index.Ref, size int64, sum hash.Hash) error {
	if size != want.Size {
		return &index.MismatchError{Want: want, Size: size}
	}
	if got := index.Digest(hex.EncodeToString(sum.Sum(nil))); got != want.SHA256 {
		return &index.MismatchError{Want: want, Size: size, Got: got}
	}
	return nil
}

// mismatch adds to err where the bytes came from, and that they were perhaps
// recoded on the way.
func (r *reply) mismatch(err error) error {
	if coding := r.header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return fmt.Errorf("fetching %s (sent with Content-Encoding %q): %w", r.url, coding, err)
	}
	return fmt.Errorf("fetching %s: %w", r.url, err)
}
