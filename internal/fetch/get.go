package fetch

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Get says how a file is asked for whose bytes are not known beforehand.
type Get struct {
	Limit      int64  // most bytes of the body, unpacked
	ETag       string // of the copy at hand: an unchanged file is not sent again
	NoCache    bool   // go past caches on the way
	AcceptGzip bool   // let the server compress
}

// Response is what a Get brings.
type Response struct {
	Body        []byte
	ETag        string // "" if the source gives none
	NotModified bool   // the file is that of Get.ETag; Body is empty
	WireBytes   int64  // bytes of body received, packed as they came
}

// Get fetches the file at path, which is relative to the source's root.
// A longer body than g.Limit is a *TooLongError. The ETag saves bytes; it
// proves nothing.
func (s *Source) Get(ctx context.Context, path string, g Get) (Response, error) {
	var got Response
	err := retry(ctx, s, func() (err error) {
		got, err = s.get(ctx, path, g)
		return err
	})
	return got, err
}

func (s *Source) get(ctx context.Context, path string, g Get) (Response, error) {
	r, err := s.open(ctx, ask{path: path, etag: g.ETag, noCache: g.NoCache, gzip: g.AcceptGzip})
	if err != nil {
		return Response{}, err
	}
	defer r.close()
	if r.code == http.StatusNotModified {
		return Response{ETag: cmp.Or(r.etagOf(), g.ETag), NotModified: true}, nil
	}
	packed := g.AcceptGzip && strings.EqualFold(r.header.Get("Content-Encoding"), "gzip")
	limit := g.Limit
	if packed {
		limit += g.Limit/1024 + 1024 // what gzip may add
	}
	if r.length > limit {
		return Response{}, &TooLongError{r.url, g.Limit}
	}
	wire := &io.LimitedReader{R: r.body, N: limit + 1}
	read := readPlain
	if packed {
		read = readGzip
	}
	body, err := read(wire, g.Limit+1)
	switch {
	case wire.N == 0 || int64(len(body)) > g.Limit:
		return Response{}, &TooLongError{r.url, g.Limit}
	case errors.Is(err, errGzip):
		return Response{}, fmt.Errorf("fetching %s: %w", r.url, err)
	case err != nil:
		return Response{}, err
	}
	return Response{Body: body, ETag: r.etagOf(), WireBytes: limit + 1 - wire.N}, nil
}

var errGzip = errors.New("unpacking the answer")

func readPlain(wire io.Reader, most int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(wire, most))
}

// readGzip unpacks at most that many bytes. An error of the connection is
// passed on as it is, one of the format is errGzip.
func readGzip(wire io.Reader, most int64) ([]byte, error) {
	body, err := unpack(wire, most)
	if err == nil || errors.Is(err, ErrUnreachable) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return body, err
	}
	return nil, fmt.Errorf("%w: %w", errGzip, err)
}

func unpack(wire io.Reader, most int64) ([]byte, error) {
	z, err := gzip.NewReader(wire)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, most))
}
