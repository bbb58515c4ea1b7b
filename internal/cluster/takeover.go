package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Settle waits until nobody works on the installation, takes over from a holder
// that is lost, and returns the state. waiting is called once for each holder
// that is waited for; it may be nil. Whoever is still at work when patience ends is
// an ErrTimeout, but it never ends before a lost holder would have been found out;
// with 0 it has no end.
func (c *Cluster) Settle(ctx context.Context, i api.Installation, here Holder, patience time.Duration, waiting func(Revision)) (State, error) {
	w := &watcher{here: here, stale: c.pace.stale, running: running}
	began := time.Now()
	announced := ""
	var s State
	err := wait.PollUntilContextCancel(ctx, min(c.pace.beat, time.Second), true, func(ctx context.Context) (_ bool, err error) {
		if s, err = free(ctx, c, i, w); err != nil {
			return false, err
		}
		held := s.Holder()
		if held != nil && waiting != nil && announced != held.uid {
			announced = held.uid
			waiting(*held)
		}
		if held != nil && patience > 0 && time.Since(began) >= max(patience, c.pace.stale+c.pace.beat) {
			return false, api.Fault(busy(*held), api.ErrTimeout, api.ErrBusy)
		}
		return held == nil, nil
	})
	if held := s.Holder(); err != nil && held != nil && ctx.Err() != nil {
		return State{}, &api.Error{Classes: []error{api.ErrConflict}, Text: busy(*held), Cause: err}
	}
	return s, err
}

func busy(r Revision) string {
	return fmt.Sprintf("%s is at work on %s since %s", r.Holder, r.Installation, formatTime(r.Started))
}

// free is the state, after those holders that are lost have been taken over from.
func free(ctx context.Context, c *Cluster, i api.Installation, w *watcher) (State, error) {
	for {
		s, err := c.State(ctx, i)
		if err != nil {
			return s, err
		}
		held := s.Holder()
		if held == nil || !w.lost(*held, time.Now()) {
			return s, nil
		}
		if err := c.takeOver(ctx, *held); err != nil && !errors.Is(err, api.ErrConflict) && !errors.Is(err, api.ErrNotFound) {
			return State{}, fmt.Errorf("taking over from %s: %w", held.Holder, err)
		}
	}
}

// watcher decides whether a holder is lost, by its own clock alone.
type watcher struct {
	here    Holder
	stale   time.Duration
	running func(pid int) bool

	seen  string // the record and its resourceVersion
	since time.Time
}

// lost is true at once for a dead process of this host, otherwise when the
// record has stood still for so long.
func (w *watcher) lost(r Revision, now time.Time) bool {
	if r.Holder.dead(w.here, w.running) {
		return true
	}
	if seen := r.uid + " " + r.resourceVersion; seen != w.seen {
		w.seen, w.since = seen, now
		return false
	}
	return now.Sub(w.since) >= w.stale
}

// takeOver ends a revision whose holder is lost. The resourceVersion makes sure
// that it is as still as it looked, and that its holder notices.
func (c *Cluster) takeOver(ctx context.Context, r Revision) error {
	_, err := c.Merge(ctx, api.Secrets, api.Secrets.RefTo(r.Installation.Namespace, r.name), "", map[string]any{"metadata": map[string]any{
		"resourceVersion": r.resourceVersion,
		"labels":          map[string]any{labelStatus: string(Interrupted)},
	}})
	return err
}
