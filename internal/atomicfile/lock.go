package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrLocked says that another process, or another part of this one, holds the
// lock.
var ErrLocked = errors.New("locked by another process")

// Held is a lock that is held.
type Held struct {
	f *os.File
}

// Between two tries Lock waits from minPause, doubling, to maxPause.
const (
	minPause = 2 * time.Millisecond
	maxPause = 100 * time.Millisecond
)

// Lock takes the lock that the file at path stands for, and waits for it until
// ctx ends. The file is made if need be, with mode 0600, and stays for ever:
// removing it would let two processes hold two locks of one name. The system
// frees the lock when its holder dies.
//
// The error of a wait that ctx ended is both ErrLocked and ctx.Err().
func Lock(ctx context.Context, path string) (*Held, error) {
	pause := minPause
	for {
		h, err := TryLock(path)
		if !errors.Is(err, ErrLocked) {
			return h, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", err, ctx.Err())
		case <-time.After(pause):
			pause = min(2*pause, maxPause)
		}
	}
}

// TryLock takes the lock at path, or returns ErrLocked at once.
func TryLock(path string) (*Held, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	if err := lock(f); err != nil {
		_ = f.Close() //nolint:errcheck // the first error says what is wrong
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return &Held{f}, nil
}

// Unlock frees the lock. A second call does nothing.
func (h *Held) Unlock() {
	_ = h.f.Close() //nolint:errcheck // closing the only descriptor frees the lock
}
