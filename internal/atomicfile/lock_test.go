package atomicfile_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

func TestTryLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	held, err := atomicfile.TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := atomicfile.TryLock(path); !errors.Is(err, atomicfile.ErrLocked) {
		t.Errorf("while held: got %v, want %v", err, atomicfile.ErrLocked)
	}
	held.Unlock()
	held.Unlock()
	held, err = atomicfile.TryLock(path)
	if err != nil {
		t.Fatalf("after Unlock: %v", err)
	}
	held.Unlock()
	if _, err := atomicfile.TryLock(filepath.Join(path, "below a file")); err == nil || errors.Is(err, atomicfile.ErrLocked) {
		t.Errorf("impossible path: got %v, want another error", err)
	}
}

func TestLockEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	held, err := atomicfile.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = atomicfile.Lock(ctx, path)
	if !errors.Is(err, atomicfile.ErrLocked) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want both %v and %v", err, atomicfile.ErrLocked, context.Canceled)
	}
}

func TestLockWaitsForItsTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	var inside, all atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				held, err := atomicfile.Lock(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d hold the lock", n)
				}
				all.Add(1)
				inside.Add(-1)
				held.Unlock()
			}
		})
	}
	wg.Wait()
	if got := all.Load(); got != 20 {
		t.Errorf("got %d turns, want 20", got)
	}
}
