package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// ask is one request for a file, to any kind of source.
type ask struct {
	path    string
	etag    string
	noCache bool
	gzip    bool
	from    int64 // first byte wanted; above 0 the answer may be partial
}

// reply is the answer to an ask: 200, 206 if from was above 0, or 304 if there
// was an etag.
type reply struct {
	url    string // of the file, without query
	code   int
	header http.Header
	length int64 // bytes of body, -1 if not announced
	body   io.ReadCloser
	done   func() // gives the slot back
}

func (r *reply) close() {
	_ = r.body.Close() //nolint:errcheck // it was read as far as it was wanted
	r.done()
}

// open asks the source. The caller closes the reply.
func (s *Source) open(ctx context.Context, a ask) (*reply, error) {
	if err := checkPath(a.path); err != nil {
		return nil, err
	}
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	open := s.openHTTP
	if s.base.Scheme == "file" {
		open = s.openFile
	}
	r, err := open(ctx, a)
	if err != nil {
		s.release()
		return nil, err
	}
	r.done = s.release
	return r, nil
}

func (s *Source) openHTTP(ctx context.Context, a ask) (*reply, error) {
	w := s.opt.watch(ctx)
	resp, u, err := s.follow(w, a)
	if err != nil {
		w.stop()
		return nil, err
	}
	if !a.answeredBy(resp.StatusCode) {
		discard(resp)
		w.stop()
		return nil, &StatusError{Code: resp.StatusCode, URL: printed(u), retryAfter: retryAfter(resp.Header)}
	}
	w.startPace()
	return &reply{
		url:    printed(u),
		code:   resp.StatusCode,
		header: resp.Header,
		length: resp.ContentLength,
		body:   &transfer{body: resp.Body, watch: w, url: printed(u), count: &s.bytes},
	}, nil
}

// follow makes a request and those it is redirected to, and says where the
// answer came from.
func (s *Source) follow(w *watch, a ask) (*http.Response, *url.URL, error) {
	u := join(s.base, a.path)
	seen := map[string]bool{}
	for {
		seen[u.String()] = true
		resp, err := s.send(w, u, a)
		if err != nil || !isRedirect(resp) {
			return resp, u, err
		}
		discard(resp)
		to, err := target(u, resp.Header.Get("Location"), seen)
		if err != nil {
			return nil, nil, &RedirectError{URL: printed(u), Err: err}
		}
		s.logf("%s redirects to %s", printed(u), printed(to))
		u = to
	}
}

// discard closes a body that nobody wants to read. A short one is read, so
// that the connection can be used again.
func discard(resp *http.Response) {
	if resp.ContentLength <= 4<<10 {
		_, _ = io.CopyN(io.Discard, resp.Body, resp.ContentLength) //nolint:errcheck // only for the sake of the connection
	}
	_ = resp.Body.Close() //nolint:errcheck // nobody wants to read it
}

// answeredBy reports whether a status brings what was asked for.
func (a ask) answeredBy(code int) bool {
	switch code {
	case http.StatusOK:
		return true
	case http.StatusNotModified:
		return a.etag != ""
	case http.StatusPartialContent:
		return a.from > 0
	}
	return false
}

// send makes one request and waits for the head of its answer.
func (s *Source) send(w *watch, u *url.URL, a ask) (*http.Response, error) {
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("fetching %s: not a URL", printed(u))
	}
	a.describe(req.Header, s.opt.UserAgent)
	s.opt.Credential.authorize(req, s.base)
	s.requests.Add(1)
	s.logf("GET %s", printed(u))
	resp, err := s.opt.Transport.RoundTrip(req)
	if err != nil {
		return nil, w.explain(printed(u), err, broken(err))
	}
	w.heard()
	return resp, nil
}

// describe says in the headers of a request what is asked for.
func (a ask) describe(h http.Header, userAgent string) {
	h.Set("User-Agent", userAgent)
	h.Set("Accept-Encoding", "identity") // set, so that no transport decompresses
	if a.gzip {
		h.Set("Accept-Encoding", "gzip")
	}
	if a.etag != "" {
		h.Set("If-None-Match", a.etag)
	}
	if a.noCache {
		h.Set("Cache-Control", "no-cache")
		h.Set("Pragma", "no-cache")
	}
	if a.from > 0 {
		h.Set("Range", "bytes="+strconv.FormatInt(a.from, 10)+"-")
	}
}

// broken reports whether a request found a server but lost the connection.
func broken(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return (op.Op == "read" || op.Op == "write") && !op.Timeout()
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// etagOf is the reply's ETag, if it is one that can be sent back.
func (r *reply) etagOf() string {
	tag := r.header.Get("ETag")
	odd := func(c rune) bool { return c <= ' ' || c >= 0x7f }
	if len(tag) > 256 || strings.ContainsFunc(tag, odd) {
		return ""
	}
	return tag
}
