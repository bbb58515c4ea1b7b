package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

// roundTrip sends a request, and does not wait for a credential plugin longer than for
// a server. The plugin itself is not ended: its user may be about to log in.
func (c *Client) roundTrip(req *http.Request) (*http.Response, error) {
	if c.plugin == "" {
		return c.http.Do(req)
	}
	type result struct {
		resp *http.Response
		err  error
	}
	done, left := make(chan result), make(chan struct{})
	go func() {
		resp, err := c.http.Do(req)
		select {
		case done <- result{resp, err}:
		case <-left:
			if err == nil {
				_ = resp.Body.Close() //nolint:errcheck // nobody reads it
			}
		}
	}()
	limit, stop := c.pluginLimit(req.Context())
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

func (c *Client) pluginLimit(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.options.Timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.options.Timeout+pluginMargin)
}

// pluginFault is the error for a request that got no credentials; nil for another one.
// The words are client-go's; there is no type for it.
func (c *Client) pluginFault(err error) error {
	const failed = "getting credentials: "
	text := broken(err)
	switch {
	case errors.Is(err, errPluginHangs):
		return Fault(fmt.Sprintf("%s, the credential plugin of the kubeconfig, did not answer within %s: it may wait for you to log in", c.plugin, c.options.Timeout),
			errPluginHangs, ErrForbidden, ErrUnknownUser)
	case c.plugin != "" && strings.HasPrefix(text, failed):
		return &Error{
			Classes: []error{ErrForbidden, ErrUnknownUser}, Cause: err,
			Text: fmt.Sprintf("%s, the credential plugin of the kubeconfig, gave no credentials: %s", c.plugin, object.OneLine(strings.TrimPrefix(text, failed))),
		}
	}
	return nil
}
