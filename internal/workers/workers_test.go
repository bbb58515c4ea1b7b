package workers_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/kpm-sh/kpm/internal/workers"
)

// Each piece is done once, and no more of them at a time than may be.
func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		done := make([]int, n)
		var at, most atomic.Int64
		err := workers.Each(t.Context(), 3, n, func(_ context.Context, i int) error {
			if now := at.Add(1); now > most.Load() {
				most.Store(now)
			}
			done[i]++
			at.Add(-1)
			return nil
		})
		if err != nil || slices.ContainsFunc(done, func(times int) bool { return times != 1 }) || most.Load() > 3 {
			t.Errorf("%d pieces: %v, done %v, %d at a time", n, err, done, most.Load())
		}
	}
}

// The first error ends the rest, and so does the end of the context.
func TestEachEnds(t *testing.T) {
	bad := errors.New("bad")
	var done atomic.Int64
	err := workers.Each(t.Context(), 2, 1000, func(ctx context.Context, i int) error {
		if i == 0 {
			return bad
		}
		<-ctx.Done()
		done.Add(1)
		return nil
	})
	if !errors.Is(err, bad) || done.Load() > 1 {
		t.Errorf("got %v, %d pieces were done after it", err, done.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := workers.Each(ctx, 2, 5, func(context.Context, int) error { t.Error("done"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
