package api

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// through asks a server of one answer over a bounded way, and reads it.
func through(t *testing.T, b *bounded, answer http.HandlerFunc) (http.Header, []byte, error) {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	b.next = http.DefaultTransport
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(resp.Body)
	return resp.Header, data, errors.Join(err, resp.Body.Close())
}

// A server may ask for a short pause, and only before it has done anything.
func TestRetryAfterIsCapped(t *testing.T) {
	for _, c := range []struct {
		code        int
		asked, want string
	}{
		{429, "3600", "5"}, {503, "2", "2"}, {503, "0", "0"}, {429, "99999999999999999999", ""}, {429, "Fri, 01 Jan 2038 00:00:00 GMT", ""}, {429, "", ""},
		{500, "1", ""}, {504, "1", ""}, {200, "1", ""},
	} {
		header, _, err := through(t, &bounded{size: 1}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.asked)
			w.WriteHeader(c.code)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := header.Get("Retry-After"); got != c.want {
			t.Errorf("%d, %s: got %q, want %q", c.code, c.asked, got, c.want)
		}
	}
}

// Of an answer no more than its limit is read, whatever it unpacks to.
func TestAnswerSize(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"the limit": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("a", 1000)) }, nil},
		"one more":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("a", 1001)) }, errLarge},
		"packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, strings.Repeat("a", 1<<20))
			_ = z.Close()
		}, errLarge},
	} {
		if _, got, err := through(t, &bounded{size: 1000}, c.answer); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || len(got) > 64<<10 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// An answer that begins and does not end is none, and neither the end of a request nor
// that of a caller passes for the other.
func TestAnswerDoesNotEnd(t *testing.T) {
	begun := make(chan struct{}, 10)
	routes := map[string]http.HandlerFunc{"GET /x": func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		begun <- struct{}{}
		<-r.Context().Done()
	}}
	c, err := serve(t, Options{Timeout: 100 * time.Millisecond}, routes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Path: "/x"}); !errors.Is(err, ErrSlow) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a slow server: %v", err)
	}
	<-begun
	if c, err = serve(t, Options{Timeout: -1}, routes); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	if _, err := c.Do(ctx, Request{Method: http.MethodGet, Path: "/x"}); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
		t.Errorf("an interrupted caller: %v", err)
	}
}

// What a server may have done is not asked for again; what it has not, and what changes
// nothing, is.
func TestSentOnceOnly(t *testing.T) {
	asked := 0
	busy := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(code)
		}
	}
	broken := func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked == 1 {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "{}")
	}
	c, err := serve(t, Options{}, map[string]http.HandlerFunc{
		"POST /busy": busy(429), "POST /away": busy(503), "POST /late": busy(504), "POST /fault": busy(500), "GET /broken": broken, "POST /broken": broken,
	})
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]int{
		"POST /busy": maxTries, "POST /away": maxTries, "POST /late": 1, "POST /fault": 1, "GET /broken": 2, "POST /broken": 1,
	} {
		asked = 0
		method, path, _ := strings.Cut(request, " ")
		_, err := c.Do(t.Context(), Request{Method: method, Path: path, Body: map[string]any{}})
		if asked != want || (err == nil) != (request == "GET /broken") {
			t.Errorf("%s: asked %d times, want %d: %v", request, asked, want, err)
		}
	}
}
