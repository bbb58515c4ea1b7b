package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Tested is how one test ended. Its texts are foreign.
type Tested struct {
	api.Ref
	Passed   bool    `json:"passed"`
	Why      string  `json:"why,omitempty"` // it did not pass
	Seconds  float64 `json:"seconds"`
	ExitCode *int64  `json:"exitCode,omitempty"` // of the container that failed, else 0; nil when none has ended
	Log      string  `json:"log"`
	LogError string  `json:"logError,omitempty"` // why it, or a part of it, cannot be read

	late bool
}

// failedTestsError says which tests did not pass. It is a api.ErrTimeout when
// all of them were only late.
type failedTestsError struct {
	Failed, Late []string
	Of           int
}

func (e *failedTestsError) Error() string {
	var texts []string
	if len(e.Failed) > 0 {
		texts = append(texts, "failed: "+strings.Join(e.Failed, ", "))
	}
	if len(e.Late) > 0 {
		texts = append(texts, "did not end in time: "+strings.Join(e.Late, ", "))
	}
	return fmt.Sprintf("of %d tests, %s", e.Of, strings.Join(texts, "; "))
}

// Unwrap gives ErrTimeout or nothing.
func (e *failedTestsError) Unwrap() error {
	if len(e.Failed) == 0 {
		return api.ErrTimeout
	}
	return nil
}

// Run runs all tests at once, and waits until each has ended. What an earlier run
// has left is replaced, and an object in the way that is no test refused. Whatever
// comes of them, they are deleted in the end, unless they are to be kept. Tests that did not pass are a
// *failedTestsError, beside the results.
func (t *Testing) Run(ctx context.Context, wait Wait, keep bool) ([]Tested, error) {
	if len(t.Tests) == 0 {
		return nil, nil
	}
	if err := t.clear(ctx, wait.Timeout); err != nil {
		return nil, err
	}
	plan, err := t.plan(ctx)
	if err != nil {
		return nil, err
	}
	if !keep {
		defer t.leave(ctx)
	}
	if err := apply.New(ready.NewWaiter(t.cluster), plan).Run(ctx, apply.Steps{}); err != nil {
		return nil, err
	}
	results, err := t.watch(ctx, plan.Applied(), wait)
	if err != nil {
		return nil, err
	}
	return results, failures(results)
}

// clear removes what is left of an earlier run, and waits until it is gone.
func (t *Testing) clear(ctx context.Context, timeout time.Duration) error {
	left, err := apply.RemoveTests(ctx, t.cluster, t.ID)
	if err != nil || len(left) == 0 {
		return err
	}
	t.client.note("Removing what an earlier run of the tests has left")
	return ready.NewWaiter(t.cluster).WaitGone(ctx, left, &ready.Clock{Limit: timeout}, nil)
}

// plan plans to make the tests. What is there already is no test of ours.
func (t *Testing) plan(ctx context.Context) (*plan.Plan, error) {
	r := requestFor(t.cluster, t.ID, history.State{})
	r.Past.Newest, r.Past.Installed = t.state.Newest(), []int{t.state.Newest()} // of what it has made nothing goes
	p, err := plan.New(ctx, t.cluster, t.Tests, r)
	if err != nil {
		return nil, err
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	for _, w := range p.Warnings {
		t.client.warn(w)
	}
	for _, e := range p.Entries {
		if e.Action != plan.Added {
			return nil, &conflictError{t.ID, t.ID.Name, fmt.Sprintf("%s (%s) is there already, and is no test: the test needs another name", e.Ref, e.Source)}
		}
	}
	return p, nil
}

// leaveTimeout is how long the tests may take to go.
const leaveTimeout = 30 * time.Second

// leave deletes the tests, also when ctx is done.
func (t *Testing) leave(ctx context.Context) {
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	gone, err := apply.RemoveTests(ctx, t.cluster, t.ID)
	if err == nil && !interrupted {
		err = ready.NewWaiter(t.cluster).WaitGone(ctx, gone, &ready.Clock{Limit: leaveTimeout}, nil)
	}
	if err != nil {
		t.client.warn(fmt.Sprintf("The tests could not all be removed: %v", err))
	}
}

// watch waits for each test, and reads its log.
func (t *Testing) watch(ctx context.Context, tests []api.Ref, wait Wait) ([]Tested, error) {
	results := make([]Tested, len(tests))
	errs := make([]error, len(tests))
	var telling sync.Mutex
	waiting := func(w ready.Waiting) {
		telling.Lock()
		defer telling.Unlock()
		if wait.Waiting != nil {
			wait.Waiting(w)
		}
	}
	var all sync.WaitGroup
	for i, ref := range tests {
		all.Go(func() {
			began := t.client.Now()
			err := ready.NewWaiter(t.cluster).WaitEnded(ctx, []api.Ref{ref}, wait.Timeout, waiting)
			results[i], errs[i] = t.result(ref, t.client.Now().Sub(began), err)
			if errs[i] == nil {
				t.log(ctx, &results[i])
			}
			waiting(ready.Waiting{Ref: ref})
		})
	}
	all.Wait()
	return results, errors.Join(errs...)
}

func (t *Testing) result(ref api.Ref, took time.Duration, err error) (Tested, error) {
	r := Tested{Ref: ref, Passed: err == nil, Seconds: seconds(took)}
	var bad *ready.Error
	switch {
	case err == nil:
		return r, nil
	case !errors.As(err, &bad):
		return r, err
	}
	for _, w := range append(bad.Failed, bad.Waiting...) {
		r.Why, r.late = w.Why, len(bad.Failed) == 0
	}
	return r, nil
}

// log reads what the containers of a test have written. No value of the
// installation's Secrets is in it.
func (t *Testing) log(ctx context.Context, r *Tested) {
	mask := secrets(t.ID, t.state.Records()...)
	r.Why = mask.Scrub(r.Why)
	outputs, err := ready.Outputs(ctx, t.cluster, r.Ref)
	if err != nil {
		r.LogError = mask.Scrub(err.Error())
	}
	for _, o := range outputs {
		r.Log += mask.Scrub(o.Log)
		if o.Err != nil {
			r.LogError = mask.Scrub(o.Err.Error())
		}
		if o.ExitCode != nil && (r.ExitCode == nil || *r.ExitCode == 0) {
			r.ExitCode = o.ExitCode
		}
	}
}

// failures is the error of tests that did not pass; nil when all did.
func failures(results []Tested) error {
	e := &failedTestsError{Of: len(results)}
	for _, r := range results {
		switch {
		case r.late:
			e.Late = append(e.Late, r.Name)
		case !r.Passed:
			e.Failed = append(e.Failed, r.Name)
		}
	}
	if len(e.Failed)+len(e.Late) == 0 {
		return nil
	}
	return e
}
