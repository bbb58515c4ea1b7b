package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// What a server has to keep to where Options say nothing else.
const (
	stall   = 30 * time.Second // the longest silence
	window  = time.Minute      // over which the rate is measured
	minRate = 1 << 10          // bytes a second
)

var (
	errStalled = errors.New("the server fell silent")
	errSlow    = errors.New("the server sends too slowly")
)

// watch ends a request whose server is silent or slow, by ending ctx.
type watch struct {
	parent context.Context // the caller's; lives as long as the request
	ctx    context.Context
	cancel context.CancelCauseFunc
	stall  *time.Timer
	silent time.Duration

	pace   *time.Timer // nil until a body is read
	window time.Duration
	need   int64        // bytes a window
	got    atomic.Int64 // bytes in this window
}

func (o Options) watch(ctx context.Context) *watch {
	w := &watch{parent: ctx, silent: o.Stall, window: o.Window}
	w.need = int64(float64(o.MinRate) * o.Window.Seconds())
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.stall = time.AfterFunc(w.silent, func() { w.cancel(errStalled) })
	return w
}

// heard notes that the server said something.
func (w *watch) heard() {
	w.stall.Reset(w.silent)
}

// startPace begins to measure.
func (w *watch) startPace() {
	const never = 1 << 62
	w.pace = time.AfterFunc(never, w.measure) // measure reads pace: set it first
	w.pace.Reset(w.window)
}

func (w *watch) measure() {
	if w.ctx.Err() != nil {
		return
	}
	if w.got.Swap(0) < w.need {
		w.cancel(errSlow)
		return
	}
	w.pace.Reset(w.window)
}

func (w *watch) stop() {
	w.cancel(nil) // first: it keeps a measure that runs now from going on
	w.stall.Stop()
	if w.pace != nil {
		w.pace.Stop()
	}
}

// explain says why a request to url ended with err. A request that ends
// because of its caller is not the source's fault.
func (w *watch) explain(url string, err error, again bool) error {
	if w.parent.Err() != nil {
		return fmt.Errorf("fetching %s: %w", url, w.parent.Err())
	}
	if cause := context.Cause(w.ctx); errors.Is(cause, errStalled) || errors.Is(cause, errSlow) {
		return &netError{url: url, err: cause}
	}
	return &netError{url: url, err: err, again: again}
}

// transfer is a body under watch. Silence counts only while somebody reads: a
// slow reader is not a stalled server.
type transfer struct {
	body  io.ReadCloser
	watch *watch
	url   string
	count *atomic.Int64
}

func (t *transfer) Read(p []byte) (int, error) {
	t.watch.heard()
	n, err := t.body.Read(p)
	t.watch.stall.Stop()
	t.watch.got.Add(int64(n))
	t.count.Add(int64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		err = t.watch.explain(t.url, err, true)
	}
	return n, err
}

func (t *transfer) Close() error {
	defer t.watch.stop()
	return t.body.Close()
}
