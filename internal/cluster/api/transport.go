package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// A kubeconfig may name a program that gives the credentials, and that may wait for
// its user to log in. client-go runs it inside of the first request, without a limit:
// neither the client's timeout nor the end of a context reaches it.

// errPluginHangs is what becomes of a request whose credential plugin does not end.
var errPluginHangs = errcode.New(errcode.SlowCredentials, "the credential plugin does not answer")

// pluginMargin is how much later than the client's own timeout a request has to end
// before it is the plugin that holds it.
const pluginMargin = 250 * time.Millisecond

// transport carries requests to the server.
type transport struct {
	base    *url.URL
	http    *http.Client
	plugin  string // the program of the kubeconfig that gives credentials; "" when there is none
	timeout time.Duration
}

// send sends r once. The caller closes the body of the response.
func (t *transport) send(ctx context.Context, r Request, body []byte) (*http.Response, error) {
	u := *t.base
	u.Path = strings.TrimSuffix(u.Path, "/") + r.Path
	u.RawQuery = r.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", cmp.Or(r.accept, "application/json"))
	if body != nil {
		req.Header.Set("Content-Type", cmp.Or(r.ContentType, "application/json"))
	}
	resp, err := t.roundTrip(req)
	if err != nil {
		return nil, t.unreachable(ctx, err)
	}
	return resp, nil
}

func (t *transport) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if refused := t.pluginFault(err); refused != nil {
		return refused
	}
	var late net.Error
	if t.timeout > 0 && errors.As(err, &late) && late.Timeout() {
		// Without the cause: it passes for the end of ctx.
		return Fault(fmt.Sprintf("%s did not answer within %s", t.base, t.timeout), ErrUnreachable, ErrSlow)
	}
	return &Error{Classes: []error{ErrUnreachable}, Text: fmt.Sprintf("talking to %s: %s", t.base, broken(err)), Cause: err}
}

// broken says what became of a connection, without the method and the URL of the
// request: the caller says what it was for.
func broken(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it closed the connection without an answer"
	}
	return err.Error()
}

// roundTrip sends a request, and does not wait for a credential plugin longer than for
// a server. The plugin itself is not ended: its user may be about to log in.
func (t *transport) roundTrip(req *http.Request) (*http.Response, error) {
	if t.plugin == "" {
		return t.http.Do(req)
	}
	type result struct {
		resp *http.Response
		err  error
	}
	done, left := make(chan result), make(chan struct{})
	go func() {
		resp, err := t.http.Do(req)
		select {
		case done <- result{resp, err}:
		case <-left:
			if err == nil {
				_ = resp.Body.Close() //nolint:errcheck // nobody reads it
			}
		}
	}()
	limit, stop := t.pluginLimit(req.Context())
	defer stop()
	select {
	case r := <-done:
		return r.resp, r.err
	case <-limit.Done():
		close(left)
		if err := req.Context().Err(); err != nil {
			return nil, err
		}
		return nil, errPluginHangs
	}
}

func (t *transport) pluginLimit(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, t.timeout+pluginMargin)
}

// pluginFault is the error for a request that got no credentials; nil for another one.
// The words are client-go's; there is no type for it.
func (t *transport) pluginFault(err error) error {
	const failed = "getting credentials: "
	text := broken(err)
	switch {
	case errors.Is(err, errPluginHangs):
		return Fault(fmt.Sprintf("%s, the credential plugin of the kubeconfig, did not answer within %s: it may wait for you to log in", t.plugin, t.timeout),
			errPluginHangs, ErrForbidden, ErrUnknownUser)
	case t.plugin != "" && strings.HasPrefix(text, failed):
		return &Error{
			Classes: []error{ErrForbidden, ErrUnknownUser}, Cause: err,
			Text: fmt.Sprintf("%s, the credential plugin of the kubeconfig, gave no credentials: %s", t.plugin, object.OneLine(strings.TrimPrefix(text, failed))),
		}
	}
	return nil
}
