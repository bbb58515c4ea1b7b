package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
)

const (
	maxAnswer = 256 << 20 // of one answer; a LIST of a large cluster's pods is below
	maxTries  = 5         // while the server says that it is busy
	maxPause  = 5         // seconds between two of them
)

// pluginMargin is how much later than it was ended a request has to come back before it
// is the plugin that holds it.
const pluginMargin = 250 * time.Millisecond

// What ends a request that takes too long, or whose answer is too large.
var (
	errLate  = errors.New("no answer in time")
	errLarge = errors.New("the answer is too large")

	errPluginHangs = errcode.New(errcode.SlowCredentials, "the credential plugin does not answer")
)

// bounded is a way to a server by which neither the server nor a credential plugin can
// hold kpm: client-go alone waits as long as Retry-After says, reads answers of any
// size, and runs the plugin inside of a request, where neither a timeout nor the end of
// a context reaches it.
type bounded struct {
	next    http.RoundTripper
	timeout time.Duration // of one request with its answer; none when it is not positive
	size    int64         // of one answer, in bytes
	plugin  bool          // a program of the kubeconfig gives the credentials
}

// RoundTrip sends a request once.
func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	if b.timeout > 0 {
		ctx, cancel = context.WithTimeoutCause(req.Context(), b.timeout, errLate)
	}
	resp, err := b.send(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, lateOr(ctx, err)
	}
	capRetryAfter(resp)
	resp.Body = &body{ReadCloser: resp.Body, ctx: ctx, cancel: cancel, left: b.size}
	return resp, nil
}

// send does not wait for a credential plugin longer than for a server. The plugin itself
// is not ended: its user may be about to log in.
func (b *bounded) send(req *http.Request) (*http.Response, error) {
	if !b.plugin {
		return b.next.RoundTrip(req)
	}
	type result struct {
		resp *http.Response
		err  error
	}
	done, left := make(chan result), make(chan struct{})
	go func() {
		resp, err := b.next.RoundTrip(req)
		select {
		case done <- result{resp, err}:
		case <-left:
			if err == nil {
				_ = resp.Body.Close() //nolint:errcheck // nobody reads it
			}
		}
	}()
	defer close(left)
	select {
	case r := <-done:
		return r.resp, r.err
	case <-req.Context().Done():
	}
	if !errors.Is(context.Cause(req.Context()), errLate) {
		return nil, req.Context().Err()
	}
	select {
	case r := <-done:
		return r.resp, r.err
	case <-time.After(pluginMargin):
		return nil, errPluginHangs
	}
}

// lateOr is errLate where that ended ctx, else err.
func lateOr(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errLate) && !errors.Is(err, errPluginHangs) {
		return errLate
	}
	return err
}

// capRetryAfter lets a server ask for a pause that is short, and only where it has not
// done what it was asked for.
func capRetryAfter(resp *http.Response) {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		resp.Header.Del("Retry-After")
		return
	}
	resp.Header.Set("Retry-After", strconv.Itoa(min(seconds, maxPause)))
}

// body is that of an answer, up to a size.
type body struct {
	io.ReadCloser
	ctx    context.Context //nolint:containedctx // that of the request, whose end it is
	cancel context.CancelFunc
	left   int64
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch b.left -= int64(n); {
	case b.left < 0:
		return n, errLarge
	case err != nil && err != io.EOF:
		return n, lateOr(b.ctx, err)
	}
	return n, err
}

// Close ends the request.
func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
