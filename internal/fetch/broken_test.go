package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// toward is a transport that takes every address for this one.
func toward(addr string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}}
}

// flaky breaks the first n answers, after their head and some of the body.
func flaky(n int64, body string) http.HandlerFunc {
	var count atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		if count.Add(1) > n {
			_, _ = fmt.Fprint(w, body)
			return
		}
		_, _ = fmt.Fprint(w, body[:len(body)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func TestBrokenConnectionIsTriedAgain(t *testing.T) {
	const body = "a body of some length"
	for n, ok := range map[int64]bool{0: true, 1: true, 2: true, 3: false} {
		for _, object := range []bool{false, true} {
			s := open(t, serve(t, flaky(n, body)).URL)
			var got []byte
			var err error
			if object {
				got, err = s.Object(t.Context(), "x", index.RefOf([]byte(body)), false)
			} else {
				var r fetch.Response
				r, err = s.Get(t.Context(), "x", fetch.Get{Limit: 100})
				got = r.Body
			}
			switch {
			case ok && (err != nil || string(got) != body):
				t.Errorf("%d breaks: got %q, %v", n, got, err)
			case !ok && !errors.Is(err, fetch.ErrUnreachable):
				t.Errorf("%d breaks: got %v, want %v", n, err, fetch.ErrUnreachable)
			}
			if tries, _ := s.Stats(); tries != min(n, 2)+1 {
				t.Errorf("%d breaks: got %d tries", n, tries)
			}
		}
	}
}

func TestConnectionClosedBeforeTheAnswer(t *testing.T) {
	var count atomic.Int64
	s := open(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if count.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		_, _ = fmt.Fprint(w, "x")
	}).URL)
	if _, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1}); err != nil {
		t.Error(err)
	}
}

func TestRetryAfter(t *testing.T) {
	tests := map[string]int64{"0": 2, "": 2, "3600": 1, "Wed, 21 Oct 2015 07:28:00 GMT": 1, "-1": 1, "soon": 1}
	for after, want := range tests {
		for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			var count atomic.Int64
			s := open(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if count.Add(1) == 1 {
					w.Header().Set("Retry-After", after)
					w.WriteHeader(code)
				}
			}).URL)
			_, err := s.Get(t.Context(), "x", fetch.Get{})
			if got, _ := s.Stats(); got != want || (err == nil) != (want == 2) {
				t.Errorf("%d, Retry-After %q: got %d tries, %v, want %d", code, after, got, err, want)
			}
		}
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	untrusted, _ := serveTLS(t, say("x"))
	plain := serve(t, say("x"))
	tests := map[string]string{
		"nobody listens":        closed,
		"unknown authority":     untrusted.URL,
		"http server for https": strings.Replace(plain.URL, "http:", "https:", 1),
		"missing directory":     "file:///missing/directory",
	}
	for name, url := range tests {
		s := open(t, url)
		_, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1})
		if !errors.Is(err, fetch.ErrUnreachable) || errors.Is(err, fetch.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", name, err, fetch.ErrUnreachable)
		}
		if n, _ := s.Stats(); n != 1 {
			t.Errorf("%s: got %d tries, want 1", name, n)
		}
	}
}

func TestSilentServerIsLeft(t *testing.T) {
	wait := func(r *http.Request) { <-r.Context().Done() }
	tests := map[string]http.HandlerFunc{
		"before the answer": func(_ http.ResponseWriter, r *http.Request) { wait(r) },
		"in the body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprint(w, "half")
			w.(http.Flusher).Flush()
			wait(r)
		},
		"in a redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.Header().Set("Content-Length", "10")
			w.WriteHeader(http.StatusFound)
			w.(http.Flusher).Flush()
			wait(r)
		},
	}
	for name, h := range tests {
		s := open(t, serve(t, h).URL, func(o *fetch.Options) { o.Stall = 20 * time.Millisecond })
		_, err := s.Get(t.Context(), "x", fetch.Get{Limit: 100})
		if !errors.Is(err, fetch.ErrUnreachable) || !strings.Contains(err.Error(), "silent") {
			t.Errorf("%s: got %v, want a silent server", name, err)
		}
	}
}

// drip sends single bytes until the client goes.
func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = fmt.Fprint(w, ".")
		w.(http.Flusher).Flush()
	}
}

func TestSlowServerIsLeft(t *testing.T) {
	s := open(t, serve(t, drip).URL, func(o *fetch.Options) {
		o.Window, o.MinRate = 20*time.Millisecond, 1<<40 // no server is that fast
	})
	_, err := s.Object(t.Context(), "x", index.Ref{Size: 1 << 40}, false)
	if !errors.Is(err, fetch.ErrUnreachable) || !strings.Contains(err.Error(), "too slowly") {
		t.Errorf("got %v, want a slow server", err)
	}
}

func TestFastServerIsNotLeft(t *testing.T) {
	s := open(t, serve(t, drip).URL, func(o *fetch.Options) {
		o.Window, o.MinRate = 5*time.Millisecond, 1
	})
	_, err := s.Get(t.Context(), "x", fetch.Get{Limit: 5000}) // more than one window
	if _, ok := errors.AsType[*fetch.TooLongError](err); !ok {
		t.Errorf("got %v, want a TooLongError", err)
	}
}
