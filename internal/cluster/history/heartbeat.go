package history

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// heartbeat touches the record until ctx is done.
func (l *Lock) heartbeat(ctx context.Context) {
	defer close(l.stopped)
	_ = wait.PollUntilContextCancel(ctx, l.store.Beat, false, func(ctx context.Context) (bool, error) { //nolint:errcheck // ctx ends it
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.lost == nil {
			_ = l.touch(context.WithoutCancel(ctx)) //nolint:errcheck // May tells when it did not succeed for too long
		}
		return false, nil
	})
}

// touch says that we are still there. l.mu is held.
func (l *Lock) touch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.store.Stale/2)
	defer cancel()
	now := l.store.Now().UTC().Format(time.RFC3339Nano)
	return l.write(ctx, map[string]any{"metadata": map[string]any{"annotations": map[string]any{beatKey: now}}})
}

// May says whether the next write may be done: the record is ours, and was so
// recently enough that nobody can have taken it since. A process that slept
// finds out here.
func (l *Lock) May(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	if time.Since(l.touched) < l.store.Stale/2 {
		return nil
	}
	err := l.touch(ctx)
	if err == nil || l.lost != nil || ctx.Err() != nil {
		return err
	}
	return &api.Error{Classes: []error{api.ErrUnreachable}, Text: "keeping the record alive: " + err.Error(), Cause: err}
}
