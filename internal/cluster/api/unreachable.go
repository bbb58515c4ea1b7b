package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// errPluginHangs is what becomes of a request whose credential plugin does not end.
var errPluginHangs = errcode.New(errcode.SlowCredentials, "the credential plugin does not answer")

// unreachable is the error for a request that has no answer, or no whole one.
func (c *Client) unreachable(ctx context.Context, err error) error {
	switch {
	case err == nil || ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errLarge):
		return Fault(fmt.Sprintf("the answer of %s is larger than %d MiB", c.Host, maxAnswer>>20), ErrRefused)
	case errors.Is(err, errLate):
		return Fault(fmt.Sprintf("%s did not answer within %s", c.Host, c.options.Timeout), ErrUnreachable, ErrSlow)
	case errors.Is(err, errPluginHangs):
		return Fault(fmt.Sprintf("%s, the credential plugin of the kubeconfig, did not answer within %s: it may wait for you to log in", c.plugin, c.options.Timeout),
			errPluginHangs, ErrForbidden, ErrUnknownUser)
	}
	text := broken(err)
	if said, ok := strings.CutPrefix(text, noCredentials); ok && c.plugin != "" {
		return &Error{
			Classes: []error{ErrForbidden, ErrUnknownUser}, Cause: err,
			Text: fmt.Sprintf("%s, the credential plugin of the kubeconfig, gave no credentials: %s", c.plugin, object.OneLine(said)),
		}
	}
	return &Error{Classes: []error{ErrUnreachable}, Text: fmt.Sprintf("talking to %s: %s", c.Host, text), Cause: err}
}

// noCredentials begins what client-go says when a plugin fails; there is no type for it.
const noCredentials = "getting credentials: "

// broken says what became of a connection, without the method and the URL of the
// request: the caller says what it was for.
func broken(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it closed the connection without an answer"
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return err.Error()
}
