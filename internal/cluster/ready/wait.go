package ready

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/cluster/api"
)

// Waiter waits for objects of a cluster.
type Waiter struct {
	*api.Client
	Poll   time.Duration // before an object is asked for again; later on it is longer
	Grace  time.Duration // a pod may lack its image or a Secret so long before Wait gives up
	Steady time.Duration // what has crashed has to stay ready so long
}

// NewWaiter is a Waiter with the times that kpm goes by.
func NewWaiter(c *api.Client) *Waiter {
	return &Waiter{Client: c, Poll: 250 * time.Millisecond, Grace: 30 * time.Second, Steady: 10 * time.Second}
}

// Wait waits until all objects are ready: as kstatus has it, but a Job has to be
// complete. It gives up early when an object fails, with grace for what may heal
// (see pods.go). What was seen to crash has to stay ready for a while: between two
// crashes a container without a probe is ready, too. progress gets each object's
// reason when it changes, and with Why "" when the object is ready, perhaps with a
// Note; it may be nil.
func (w *Waiter) Wait(ctx context.Context, objects []api.Ref, timeout time.Duration, progress func(Waiting)) error {
	return w.wait(ctx, objects, objects, timeout, progress, ready)
}

// WaitApplied is Wait for objects of which the others than those of first were just
// given to a controller: a watch tells of these sooner than a request.
func (w *Waiter) WaitApplied(ctx context.Context, objects, first []api.Ref, timeout time.Duration, progress func(Waiting)) error {
	return w.wait(ctx, objects, first, timeout, progress, ready)
}

// wait waits until judge is content with all objects. It asks for those of first at
// once.
func (w *Waiter) wait(ctx context.Context, objects, first []api.Ref, timeout time.Duration, progress func(Waiting), judge judgement) error {
	if progress == nil {
		progress = func(Waiting) {}
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	r := &run{
		Waiter: w, judge: judge, progress: progress, open: objects,
		why: map[string]string{}, since: map[string]time.Time{}, crashed: map[string]bool{}, steady: map[string]time.Time{},
	}
	failed, err := r.round(ctx, first...) // once at least, however little time there is
	if over, err := r.over(ctx, failed, err); over {
		return err
	}
	hints, open := make(chan api.Hint, maxHints), slices.Clone(r.open)
	watching.Go(func() { w.Watch(limited, open, hints) })
	for pause := api.Polling(w.Poll, 8*w.Poll); ; {
		failed, err := r.listen(limited, hints, pause())
		if over, err := r.over(ctx, failed, err); over {
			return err
		}
		failed, err = r.round(limited, r.open...)
		if over, err := r.over(ctx, failed, err); over {
			return err
		}
	}
}

// over tells whether the wait is over, and how it ends. failed and err are what a
// round has given.
func (r *run) over(ctx context.Context, failed []Waiting, err error) (bool, error) {
	switch {
	case ctx.Err() != nil:
		return true, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return true, &Error{Waiting: r.waiting(), Timeout: true}
	case err != nil:
		return true, err
	case len(failed) > 0:
		return true, &Error{Failed: failed, Waiting: r.waiting()}
	}
	return len(r.open) == 0, nil
}

// maxHints are those that may come during a round.
const maxHints = 256

// listen waits for a while, and meanwhile reads each object of which a hint says
// that it is ready, or has failed.
func (r *run) listen(ctx context.Context, hints <-chan api.Hint, pause time.Duration) ([]Waiting, error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for len(r.open) > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, nil
		case h := <-hints:
			if failed, err := r.round(ctx, r.decided(h, hints)...); err != nil || len(failed) > 0 {
				return failed, err
			}
		}
	}
	return nil, nil
}

// decided are the open objects of which a hint, or one of those that came meanwhile,
// says that they are ready, or have failed.
func (r *run) decided(h api.Hint, hints <-chan api.Hint) []api.Ref {
	var some []api.Ref
	for {
		if slices.Contains(r.open, h.Ref) && !slices.Contains(some, h.Ref) {
			if v, err := r.judge(h.Ref, h.Live); err == nil && (v.ready || v.failed) {
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

// run is one Wait.
type run struct {
	*Waiter
	judge    judgement
	progress func(Waiting)
	open     []api.Ref
	why      map[string]string    // the last reason, by key
	since    map[string]time.Time // when a fault was first seen, by key and fault
	crashed  map[string]bool      // objects whose containers have ended, by key
	steady   map[string]time.Time // since when those are ready, by key
}

// round reads some of the open objects once.
func (r *run) round(ctx context.Context, some ...api.Ref) ([]Waiting, error) {
	verdicts := make([]verdict, len(some))
	group, each := errgroup.WithContext(ctx)
	group.SetLimit(api.Parallel)
	for i, ref := range some {
		group.Go(func() error {
			var err error
			verdicts[i], err = observe(each, r.Client, ref, r.judge)
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
		v := r.judgeFaults(ref, verdicts[i], time.Now())
		r.report(ref, v)
		if v.failed {
			failed = append(failed, Waiting{Ref: ref, Why: v.why})
			delete(r.why, ref.Key())
		}
		if v.failed || v.ready {
			r.open = slices.DeleteFunc(slices.Clone(r.open), func(o api.Ref) bool { return o == ref })
		}
	}
	return failed, nil
}

func (r *run) report(ref api.Ref, v verdict) {
	why := v.why
	if v.ready {
		why = ""
	}
	if last, said := r.why[ref.Key()]; !said || last != why {
		r.why[ref.Key()] = why
		r.progress(Waiting{Ref: ref, Why: why, Note: v.note})
	}
}

func (r *run) waiting() []Waiting {
	var all []Waiting
	for _, ref := range r.open {
		all = append(all, Waiting{Ref: ref, Why: cmp.Or(r.why[ref.Key()], "it was not looked at")})
	}
	return all
}

// judgeFaults decides whether the faults of an object's pods have lasted too long.
func (r *run) judgeFaults(ref api.Ref, v verdict, now time.Time) verdict {
	for _, f := range v.faults {
		key := ref.Key() + "|" + f.pod + "|" + f.container + "|" + f.reason
		first, seen := r.since[key]
		if !seen {
			first = now
			r.since[key] = now
		}
		if f.restarts > 0 || f.exit != nil {
			r.crashed[ref.Key()] = true
		}
		if v.why = f.String(); f.fatal(now.Sub(first), r.Grace) {
			v.failed = true
			return v
		}
	}
	return r.requireStable(ref, v, now)
}

// requireStable wants an object that has crashed to stay ready.
func (r *run) requireStable(ref api.Ref, v verdict, now time.Time) verdict {
	key := ref.Key()
	if !v.ready || !r.crashed[key] {
		delete(r.steady, key)
		return v
	}
	first, seen := r.steady[key]
	if !seen {
		first = now
		r.steady[key] = now
	}
	if now.Sub(first) < r.Steady {
		v.ready, v.why = false, "it is ready after a crash, and has to stay so"
	}
	return v
}
