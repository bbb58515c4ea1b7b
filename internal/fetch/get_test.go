package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/fetch"
)

func gzipped(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStatuses(t *testing.T) {
	tests := []struct {
		code  int
		is    error
		tries int64
	}{
		{204, nil, 1}, {206, nil, 1}, {300, nil, 1}, {304, nil, 1},
		{400, nil, 1}, {401, fetch.ErrForbidden, 1}, {403, fetch.ErrForbidden, 1},
		{404, fetch.ErrNotFound, 1}, {410, fetch.ErrNotFound, 1}, {408, fetch.ErrUnreachable, 1},
		{416, nil, 1}, {429, fetch.ErrUnreachable, 3}, {500, fetch.ErrUnreachable, 3},
		{501, fetch.ErrUnreachable, 1}, {502, fetch.ErrUnreachable, 3}, {503, fetch.ErrUnreachable, 3},
	}
	kinds := []error{fetch.ErrNotFound, fetch.ErrForbidden, fetch.ErrUnreachable}
	for _, tt := range tests {
		s := open(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.code) }).URL)
		_, err := s.Get(t.Context(), "v1/index.json", fetch.Get{Limit: 10})
		status, ok := errors.AsType[*fetch.StatusError](err)
		if !ok || status.Code != tt.code {
			t.Errorf("%d: got %v, want a StatusError", tt.code, err)
		}
		for _, kind := range kinds {
			if got, want := errors.Is(err, kind), errors.Is(tt.is, kind); got != want {
				t.Errorf("%d: is %q: got %v, want %v", tt.code, kind, got, want)
			}
		}
		if n, _ := s.Stats(); n != tt.tries {
			t.Errorf("%d: got %d tries, want %d", tt.code, n, tt.tries)
		}
	}
}

func TestGetKeepsToItsLimit(t *testing.T) {
	const limit = 1000
	bomb := gzipped(t, strings.Repeat("a", 1<<20))
	members := bytes.Repeat(gzipped(t, ""), 1000)
	tests := map[string]struct {
		announce bool
		coding   string
		body     []byte
		ok       bool
	}{
		"at the limit":                      {true, "", make([]byte, limit), true},
		"at the limit, length unknown":      {false, "", make([]byte, limit), true},
		"above it":                          {true, "", make([]byte, limit+1), false},
		"above it, length unknown":          {false, "", make([]byte, limit+1), false},
		"packed, at the limit":              {true, "gzip", gzipped(t, strings.Repeat("a", limit)), true},
		"packed, above it":                  {true, "gzip", gzipped(t, strings.Repeat("a", limit+1)), false},
		"gzip bomb":                         {false, "gzip", bomb, false},
		"gzip members without end":          {false, "gzip", members, false},
		"gzip members without end, told so": {true, "gzip", members, false},
	}
	for name, tt := range tests {
		s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Accept-Encoding"); got != "gzip" {
				t.Errorf("%s: got Accept-Encoding %q, want gzip", name, got)
			}
			if tt.coding != "" {
				w.Header().Set("Content-Encoding", tt.coding)
			}
			if tt.announce {
				w.Header().Set("Content-Length", strconv.Itoa(len(tt.body)))
			} else {
				w.(http.Flusher).Flush()
			}
			_, _ = w.Write(tt.body) // the client may be gone
		}).URL)
		r, err := s.Get(t.Context(), "v1/index.json", fetch.Get{Limit: limit, AcceptGzip: true})
		tooLong, isTooLong := errors.AsType[*fetch.TooLongError](err)
		switch {
		case tt.ok && (err != nil || len(r.Body) != limit || r.WireBytes != int64(len(tt.body))):
			t.Errorf("%s: got %d bytes, %d on the wire, %v", name, len(r.Body), r.WireBytes, err)
		case !tt.ok && (!isTooLong || tooLong.Limit != limit):
			t.Errorf("%s: got %v, want a TooLongError", name, err)
		}
		if n, _ := s.Stats(); n != 1 {
			t.Errorf("%s: got %d tries, want 1", name, n)
		}
	}
}

func TestTooLongIsRefusedBeforeReading(t *testing.T) {
	s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		w.(http.Flusher).Flush()
		<-r.Context().Done() // sends nothing: a client that reads would wait
	}).URL)
	_, err := s.Get(t.Context(), "x", fetch.Get{Limit: 10})
	if _, ok := errors.AsType[*fetch.TooLongError](err); !ok {
		t.Errorf("got %v, want a TooLongError", err)
	}
}

func TestGetUnpacksOnlyWhatItAskedFor(t *testing.T) {
	packed := gzipped(t, "hello")
	s := open(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed)
	}).URL)
	for ask, want := range map[bool][]byte{true: []byte("hello"), false: packed} {
		r, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1000, AcceptGzip: ask})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r.Body); diff != "" {
			t.Errorf("AcceptGzip %v (-want +got):\n%s", ask, diff)
		}
	}
}

func TestDamagedGzip(t *testing.T) {
	whole := gzipped(t, "hello")
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-5] ^= 1
	for name, body := range map[string][]byte{"no gzip": []byte("hello"), "cut": whole[:15], "empty": {}, "checksum": flipped} {
		s := open(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(body)
		}).URL)
		_, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1000, AcceptGzip: true})
		if err == nil || errors.Is(err, fetch.ErrUnreachable) || !strings.Contains(err.Error(), "unpacking") {
			t.Errorf("%s: got %v, want an error of unpacking", name, err)
		}
	}
}

func TestETag(t *testing.T) {
	s := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"7"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"7"`)
		_, _ = fmt.Fprint(w, "seven")
	}).URL)
	var got []fetch.Response
	for _, etag := range []string{"", `"6"`, `"7"`} {
		r, err := s.Get(t.Context(), "v1/index.json", fetch.Get{Limit: 10, ETag: etag})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	fresh := fetch.Response{Body: []byte("seven"), ETag: `"7"`, WireBytes: 5}
	if diff := cmp.Diff([]fetch.Response{fresh, fresh, {ETag: `"7"`, NotModified: true}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOddETagIsDropped(t *testing.T) {
	for _, tag := range []string{`"a b"`, "\"\xc3\xbc\"", `"` + strings.Repeat("x", 300) + `"`} {
		s := open(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", tag) }).URL)
		r, err := s.Get(t.Context(), "x", fetch.Get{})
		if err != nil || r.ETag != "" {
			t.Errorf("%q: got %q, %v, want none", tag, r.ETag, err)
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	var got http.Header
	s := open(t, serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header }).URL,
		func(o *fetch.Options) { o.UserAgent = "kpm/1.2.3" })
	if _, err := s.Get(t.Context(), "x", fetch.Get{NoCache: true}); err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"User-Agent": {"kpm/1.2.3"}, "Accept-Encoding": {"identity"}, "Cache-Control": {"no-cache"}, "Pragma": {"no-cache"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCancellationIsTheCallers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := open(t, serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}).URL)
	_, err := s.Get(ctx, "x", fetch.Get{Limit: 1})
	if !errors.Is(err, context.Canceled) || errors.Is(err, fetch.ErrUnreachable) {
		t.Errorf("got %v, want %v alone", err, context.Canceled)
	}
}
