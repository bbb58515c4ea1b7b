// Package gzipped is how the index stores what it compresses: one gzip member
// with an empty header and nothing after it, so that the same bytes give the
// same object.
package gzipped

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// Both are kept, as making one costs more than what it does to a document.
var (
	writers = sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestCompression) //nolint:errcheck // there is that level
		return w
	}}
	readers = sync.Pool{New: func() any { return new(gzip.Reader) }}
)

// Pack compresses raw.
func Pack(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&b)
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unpack gives the bytes of one gzip member, at most limit of them. Bytes after
// it are an error.
func Unpack(data []byte, limit int64) ([]byte, error) {
	src := bytes.NewReader(data)
	r := readers.Get().(*gzip.Reader)
	defer readers.Put(r)
	if err := r.Reset(src); err != nil {
		return nil, err
	}
	r.Multistream(false)
	var b bytes.Buffer
	b.Grow(int(announced(data, limit)) + bytes.MinRead) // and the read that finds the end
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	raw := b.Bytes()
	switch {
	case err != nil:
		return nil, err
	case int64(len(raw)) > limit:
		return nil, fmt.Errorf("more than %d bytes unpacked", limit)
	case src.Len() > 0:
		return nil, fmt.Errorf("%d bytes after the end", src.Len())
	}
	return raw, nil
}

// announced is how many bytes a member says that it unpacks to (RFC 1952, ISIZE), where
// that may be: deflate makes no more than 1,032 of one.
func announced(data []byte, limit int64) int64 {
	const size, most = 4, 1032
	if len(data) < size {
		return 0
	}
	said := binary.LittleEndian.Uint32(data[len(data)-size:])
	return min(int64(said), limit, most*int64(len(data)))
}
