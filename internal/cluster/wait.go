package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// Waiting is an object that is not ready, and why.
type Waiting struct {
	api.Ref
	Why  string `json:"why"`            // foreign text, one line
	Gone bool   `json:"gone,omitempty"` // it is not there
	Note string `json:"note,omitempty"` // of one that is ready: what else there is to know; foreign text, one line
}

// WaitError lists what did not become ready, or did not go. It is an ErrTimeout when
// time ran out, and no class when an object has failed and will not come by itself.
type WaitError struct {
	Failed  []Waiting
	Waiting []Waiting
	Stays   []Waiting // to be deleted, and still there
	Behind  []api.Ref // to be deleted, and not touched before those are gone

	class error
}

func (e *WaitError) Error() string {
	var lines []string
	for _, w := range e.Failed {
		lines = append(lines, fmt.Sprintf("%s: %s", w.Ref, w.Why))
	}
	for _, w := range e.Waiting {
		lines = append(lines, fmt.Sprintf("%s is not ready: %s", w.Ref, w.Why))
	}
	for _, w := range e.Stays {
		lines = append(lines, fmt.Sprintf("%s: %s", w.Ref, w.Why))
	}
	if len(e.Behind) > 0 {
		lines = append(lines, "until then there stay: "+someOf(e.Behind))
	}
	return strings.Join(lines, "\n")
}

// OnlyStays tells whether all that was applied is ready: what is amiss is only what
// was to be deleted.
func (e *WaitError) OnlyStays() bool { return len(e.Failed)+len(e.Waiting) == 0 }

// someOf names the first of many objects.
func someOf(refs []api.Ref) string {
	const most = 4
	var names []string
	for _, ref := range refs[:min(len(refs), most)] {
		names = append(names, ref.String())
	}
	text := strings.Join(names, ", ")
	if more := len(refs) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// ErrorCode is FINALIZERS when what is amiss is only what was to be deleted.
func (e *WaitError) ErrorCode() errcode.Code {
	if e.OnlyStays() {
		return errcode.Finalizers
	}
	return ""
}

// Unwrap returns ErrTimeout, or nil after a failure.
func (e *WaitError) Unwrap() error { return e.class }

// Wait waits until all objects are ready: as kstatus has it, but a Job has to be
// complete. It gives up early when an object fails, with grace for what may heal
// (see pods.go). What was seen to crash has to stay ready for a while: between two
// crashes a container without a probe is ready, too. progress gets each object's
// reason when it changes, and with Why "" when the object is ready, perhaps with a
// Note; it may be nil.
func (c *Cluster) Wait(ctx context.Context, objects []api.Ref, timeout time.Duration, progress func(Waiting)) error {
	return c.wait(ctx, objects, objects, timeout, progress, ready)
}

// wait waits until judge is content with all objects. It looks at some of them at
// once.
func (c *Cluster) wait(ctx context.Context, objects, first []api.Ref, timeout time.Duration, progress func(Waiting), judge judgement) error {
	if progress == nil {
		progress = func(Waiting) {}
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	w := &waiter{
		Cluster: c, judge: judge, progress: progress, open: objects,
		why: map[string]string{}, since: map[string]time.Time{}, crashed: map[string]bool{}, steady: map[string]time.Time{},
	}
	failed, err := w.round(ctx, first...) // once at least, however little time there is
	if over, err := w.over(ctx, failed, err); over {
		return err
	}
	hints, open := make(chan api.Hint, maxHints), slices.Clone(w.open)
	watching.Go(func() { c.Watch(limited, open, hints) })
	for pause := api.Polling(c.pace.poll, 8*c.pace.poll); ; {
		failed, err := w.listen(limited, hints, pause())
		if over, err := w.over(ctx, failed, err); over {
			return err
		}
		failed, err = w.round(limited, w.open...)
		if over, err := w.over(ctx, failed, err); over {
			return err
		}
	}
}

// over tells whether the wait is over, and how it ends. failed and err are what a
// look has given.
func (w *waiter) over(ctx context.Context, failed []Waiting, err error) (bool, error) {
	switch {
	case ctx.Err() != nil:
		return true, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return true, &WaitError{Waiting: w.waiting(), class: api.ErrTimeout}
	case err != nil:
		return true, err
	case len(failed) > 0:
		return true, &WaitError{Failed: failed, Waiting: w.waiting()}
	}
	return len(w.open) == 0, nil
}

// maxHints are those that may come while objects are looked at.
const maxHints = 256

// listen waits for a while, and meanwhile looks at each object of which a hint says
// that it is ready, or has failed.
func (w *waiter) listen(ctx context.Context, hints <-chan api.Hint, pause time.Duration) ([]Waiting, error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for len(w.open) > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, nil
		case h := <-hints:
			if failed, err := w.round(ctx, w.decided(h, hints)...); err != nil || len(failed) > 0 {
				return failed, err
			}
		}
	}
	return nil, nil
}

// decided are the open objects of which a hint, or one of those that came meanwhile,
// says that they are ready, or have failed.
func (w *waiter) decided(h api.Hint, hints <-chan api.Hint) []api.Ref {
	var some []api.Ref
	for {
		if slices.Contains(w.open, h.Ref) && !slices.Contains(some, h.Ref) {
			if v, err := w.judge(h.Ref, h.Live); err == nil && (v.ready || v.failed) {
				some = append(some, h.Ref)
			}
		}
		select {
		case h = <-hints:
		default:
			return some
		}
	}
}

// waiter is one Wait.
type waiter struct {
	*Cluster
	judge    judgement
	progress func(Waiting)
	open     []api.Ref
	why      map[string]string    // the last reason, by key
	since    map[string]time.Time // when a fault was first seen, by key and fault
	crashed  map[string]bool      // objects whose containers have ended, by key
	steady   map[string]time.Time // since when those are ready, by key
}

// round looks at some of the open objects once.
func (w *waiter) round(ctx context.Context, some ...api.Ref) ([]Waiting, error) {
	verdicts := make([]verdict, len(some))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for i, ref := range some {
		group.Go(func() error {
			var err error
			verdicts[i], err = w.stand(each, ref, w.judge)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("waiting: %w", err)
	}
	var failed []Waiting
	for i, ref := range some {
		v := w.weigh(ref, verdicts[i], time.Now())
		w.say(ref, v)
		if v.failed {
			failed = append(failed, Waiting{Ref: ref, Why: v.why})
			delete(w.why, ref.Key())
		}
		if v.failed || v.ready {
			w.open = slices.DeleteFunc(slices.Clone(w.open), func(r api.Ref) bool { return r == ref })
		}
	}
	return failed, nil
}

func (w *waiter) say(ref api.Ref, v verdict) {
	why := v.why
	if v.ready {
		why = ""
	}
	if last, said := w.why[ref.Key()]; !said || last != why {
		w.why[ref.Key()] = why
		w.progress(Waiting{Ref: ref, Why: why, Note: v.note})
	}
}

func (w *waiter) waiting() []Waiting {
	var all []Waiting
	for _, ref := range w.open {
		all = append(all, Waiting{Ref: ref, Why: cmp.Or(w.why[ref.Key()], "it was not looked at")})
	}
	return all
}

// weigh decides whether the faults of an object's pods have lasted too long.
func (w *waiter) weigh(ref api.Ref, v verdict, now time.Time) verdict {
	for _, f := range v.faults {
		key := ref.Key() + "|" + f.pod + "|" + f.container + "|" + f.reason
		first, seen := w.since[key]
		if !seen {
			first = now
			w.since[key] = now
		}
		if f.restarts > 0 || f.exit != nil {
			w.crashed[ref.Key()] = true
		}
		if v.why = f.String(); f.fatal(now.Sub(first), w.pace.grace) {
			v.failed = true
			return v
		}
	}
	return w.settle(ref, v, now)
}

// settle wants an object that has crashed to stay ready.
func (w *waiter) settle(ref api.Ref, v verdict, now time.Time) verdict {
	key := ref.Key()
	if !v.ready || !w.crashed[key] {
		delete(w.steady, key)
		return v
	}
	first, seen := w.steady[key]
	if !seen {
		first = now
		w.steady[key] = now
	}
	if now.Sub(first) < w.pace.settle {
		v.ready, v.why = false, "it is ready after a crash, and has to stay so"
	}
	return v
}
