package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// AwaitIdle waits until nobody works on the installation, takes over from a holder
// that is lost, and returns the state. waiting is called once for each holder
// that is waited for; it may be nil. Whoever is still at work when patience ends is
// an ErrTimeout, but it never ends before a lost holder would have been found out;
// with 0 it has no end.
func (s *Store) AwaitIdle(ctx context.Context, i api.Installation, here Holder, patience time.Duration, waiting func(Revision)) (State, error) {
	w := &watcher{here: here, stale: s.Stale, running: running}
	began := time.Now()
	announced := ""
	var state State
	err := wait.PollUntilContextCancel(ctx, min(s.Beat, time.Second), true, func(ctx context.Context) (_ bool, err error) {
		if state, err = stateOf(ctx, s, i, w); err != nil {
			return false, err
		}
		held := state.Holder()
		if held != nil && waiting != nil && announced != held.uid {
			announced = held.uid
			waiting(*held)
		}
		if held != nil && patience > 0 && time.Since(began) >= max(patience, s.Stale+s.Beat) {
			return false, api.Fault(busy(*held), api.ErrTimeout, api.ErrBusy)
		}
		return held == nil, nil
	})
	if held := state.Holder(); err != nil && held != nil && ctx.Err() != nil {
		return State{}, &api.Error{Classes: []error{api.ErrConflict}, Text: busy(*held), Cause: err}
	}
	return state, err
}

func busy(r Revision) string {
	return fmt.Sprintf("%s is at work on %s since %s", r.Holder, r.Installation, formatTime(r.Started))
}

// stateOf is the state, after those holders that are lost have been taken over from.
func stateOf(ctx context.Context, s *Store, i api.Installation, w *watcher) (State, error) {
	for {
		state, err := s.State(ctx, i)
		if err != nil {
			return state, err
		}
		held := state.Holder()
		if held == nil || !w.isAbandoned(*held, time.Now()) {
			return state, nil
		}
		err = s.takeOver(ctx, *held)
		switch {
		case api.Unanswered(err):
			// It would be refused as well, and stops by itself: what comes next may take that webhook away.
			return state.abandoned(), nil
		case err != nil && !errors.Is(err, api.ErrConflict) && !errors.Is(err, api.ErrNotFound):
			return State{}, fmt.Errorf("taking over from %s: %w", held.Holder, err)
		}
	}
}

// watcher decides whether a holder is lost, by its own clock alone.
type watcher struct {
	here    Holder
	stale   time.Duration
	running func(pid int) bool

	last  string // the revision and its resourceVersion
	since time.Time
}

// isAbandoned is true at once for a dead process of this host, otherwise when the
// record has stood still for so long.
func (w *watcher) isAbandoned(r Revision, now time.Time) bool {
	if r.Holder.dead(w.here, w.running) {
		return true
	}
	if version := r.uid + " " + r.resourceVersion; version != w.last {
		w.last, w.since = version, now
		return false
	}
	return now.Sub(w.since) >= w.stale
}

// takeOver ends a revision whose holder is lost. The resourceVersion makes sure
// that it is as still as it looked, and that its holder notices.
func (s *Store) takeOver(ctx context.Context, r Revision) error {
	_, err := s.Merge(ctx, api.Secrets, api.Secrets.RefTo(r.Installation.Namespace, r.name), "", map[string]any{"metadata": map[string]any{
		"resourceVersion": r.resourceVersion,
		"labels":          map[string]any{labelStatus: string(Interrupted)},
	}})
	return err
}
