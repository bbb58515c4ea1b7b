package fetch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// The tests of this file run on synctest's clock, so they need a server
// without sockets.

// answer is a server in memory.
type answer func(*http.Request) *http.Response

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }

func through(a answer) func(*fetch.Options) {
	return func(o *fetch.Options) { o.Transport = a }
}

func TestAtMostEightAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var entered atomic.Int64
		gate := make(chan struct{})
		s := open(t, "https://example.com", through(func(*http.Request) *http.Response {
			entered.Add(1)
			<-gate
			return &http.Response{StatusCode: http.StatusOK, ContentLength: 1, Body: io.NopCloser(strings.NewReader("x"))}
		}))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := s.Get(t.Context(), "x", fetch.Get{Limit: 1}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if got := entered.Load(); got != 8 {
			t.Errorf("got %d at once, want 8", got)
		}
		gate <- struct{}{}
		synctest.Wait()
		if got := entered.Load(); got != 9 {
			t.Errorf("got %d after one has ended, want 9", got)
		}
		close(gate)
		wg.Wait()
		if n, bytes := s.Stats(); n != 20 || bytes != 20 {
			t.Errorf("got %d requests and %d bytes, want 20 of each", n, bytes)
		}
	})
}

func TestWaitingForASlotEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "https://example.com", through(func(r *http.Request) *http.Response {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: &steady{ctx: r.Context()}}
		}))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 9 {
			wg.Go(func() {
				if _, err := s.Get(ctx, "x", fetch.Get{Limit: 1}); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want %v", err, context.Canceled)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}

// steady is a body that brings chunk bytes each second, and none at all if
// chunk is 0.
type steady struct {
	ctx   context.Context
	chunk int
}

func (b *steady) Read(p []byte) (int, error) {
	second := time.After(time.Second)
	if b.chunk == 0 {
		second = nil
	}
	select {
	case <-second:
		return min(b.chunk, len(p)), nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func (b *steady) Close() error { return nil }

func TestPatience(t *testing.T) {
	tests := map[string]struct {
		chunk int // bytes a second
		says  string
		after time.Duration
	}{
		"silent":      {0, "silent", 30 * time.Second},
		"1 B/s":       {1, "too slowly", time.Minute},
		"1,000 B/s":   {1000, "too slowly", time.Minute},
		"2,048 bytes": {2048, "size is", 513 * time.Second}, // to the end of 1 MiB, and a byte more
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, "https://example.com", through(func(r *http.Request) *http.Response {
					return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: &steady{r.Context(), tt.chunk}}
				}))
				start := time.Now()
				_, err := s.Object(t.Context(), "x", index.Ref{Size: 1 << 20}, false)
				if err == nil || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v, want an error that says %q", err, tt.says)
				}
				if got := time.Since(start); got != tt.after {
					t.Errorf("got it after %v, want %v", got, tt.after)
				}
			})
		})
	}
}

func TestPausesBetweenTries(t *testing.T) {
	for after, want := range map[string]time.Duration{"": 5 * time.Second, "3": 7 * time.Second, "10": 20 * time.Second, "11": 0} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t, "https://example.com", through(func(*http.Request) *http.Response {
				return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {after}}, Body: http.NoBody}
			}), func(o *fetch.Options) { o.Pause = time.Second })
			start := time.Now()
			if _, err := s.Get(t.Context(), "x", fetch.Get{}); !errors.Is(err, fetch.ErrUnreachable) {
				t.Errorf("got %v, want %v", err, fetch.ErrUnreachable)
			}
			if got := time.Since(start); got != want {
				t.Errorf("Retry-After %q: got pauses of %v, want %v", after, got, want)
			}
		})
	}
}

func TestCallersDeadlineIsNotTheServersFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		s := open(t, "https://example.com", through(func(r *http.Request) *http.Response {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: &steady{ctx: r.Context()}}
		}))
		_, err := s.Get(ctx, "x", fetch.Get{Limit: 1})
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, fetch.ErrUnreachable) {
			t.Errorf("got %v, want %v alone", err, context.DeadlineExceeded)
		}
	})
}
