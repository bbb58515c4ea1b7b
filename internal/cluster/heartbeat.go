package cluster

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// heartbeat touches the record until ctx is done.
func (s *Session) heartbeat(ctx context.Context) {
	defer close(s.stopped)
	_ = wait.PollUntilContextCancel(ctx, s.cluster.pace.beat, false, func(ctx context.Context) (bool, error) { //nolint:errcheck // ctx ends it
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.lost == nil {
			_ = s.touch(context.WithoutCancel(ctx)) //nolint:errcheck // may tells when it did not succeed for too long
		}
		return false, nil
	})
}

// touch says that we are still there. s.mu is held.
func (s *Session) touch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cluster.pace.stale/2)
	defer cancel()
	now := s.cluster.Now().UTC().Format(time.RFC3339Nano)
	return s.write(ctx, map[string]any{"metadata": map[string]any{"annotations": map[string]any{beatKey: now}}})
}

// may says whether the next write may be done: the record is ours, and was so
// recently enough that nobody can have taken it since. A process that slept
// finds out here.
func (s *Session) may(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		return s.lost
	}
	if time.Since(s.seen) < s.cluster.pace.stale/2 {
		return nil
	}
	err := s.touch(ctx)
	if err == nil || s.lost != nil || ctx.Err() != nil {
		return err
	}
	return &api.Error{Classes: []error{api.ErrUnreachable}, Text: "keeping the record alive: " + err.Error(), Cause: err}
}

// recording says what an error came in the way of.
func (s *Session) recording(err error) error {
	if err != nil {
		return fmt.Errorf("writing the record of %s: %w", s.plan.Installation, err)
	}
	return nil
}
