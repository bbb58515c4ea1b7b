// Package gzipped is how the index stores what it compresses: one gzip member
// with an empty header and nothing after it, so that the same bytes give the
// same object.
package gzipped

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
)

// Pack compresses raw.
func Pack(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
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
	r, err := gzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	r.Multistream(false)
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
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
