package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

var (
	// ErrNotFound says that the registry has no such image.
	ErrNotFound = errors.New("not there")
	// ErrUnauthorized says that the registry does not take who we are.
	ErrUnauthorized = errors.New("not allowed")
	// ErrUnreachable says that the registry gave no usable answer.
	ErrUnreachable = errors.New("unreachable")
)

// refusal is a registry that did not give, or take, what it was asked for.
type refusal struct {
	Host string
	What string // that was asked for; "" is the registry itself
	Kind error  // one of those above, or nil
	Err  error
}

func (e *refusal) Error() string {
	text := "registry " + e.Host
	if e.What != "" {
		text += ": " + e.What
	}
	return fmt.Sprintf("%s: %v", text, e.Err)
}

// Is tells which of the package's kinds it is of.
func (e *refusal) Is(target error) bool { return e.Kind != nil && target == e.Kind }

func (e *refusal) Unwrap() error { return e.Err }

// ErrorCode is UNREACHABLE_REGISTRY, REGISTRY_LOGIN, NO_IMAGE or none.
func (e *refusal) ErrorCode() errcode.Code {
	switch {
	case errors.Is(e.Kind, ErrUnreachable):
		return errcode.UnreachableRegistry
	case errors.Is(e.Kind, ErrUnauthorized):
		return errcode.RegistryLogin
	case errors.Is(e.Kind, ErrNotFound):
		return errcode.NoImage
	}
	return ""
}

// ErrorFacts name the registry.
func (e *refusal) ErrorFacts() errcode.Facts { return errcode.Facts{"host": e.Host} }

// fault says what an error of fetch or of go-containerregistry means.
func fault(host, what string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.As(err, new(*index.MismatchError)) {
		return trust.Mismatch("registry "+host+": "+what, err)
	}
	e := &refusal{Host: host, What: what, Err: err}
	var refused *transport.Error
	switch {
	case errors.As(err, &refused):
		e.Kind = kindOf(refused.StatusCode)
	case errors.Is(err, fetch.ErrNotFound):
		e.Kind = ErrNotFound
	case errors.Is(err, fetch.ErrForbidden):
		e.Kind = ErrUnauthorized
	case errors.Is(err, fetch.ErrUnreachable):
		e.Kind = ErrUnreachable
	case what == "":
		e.Kind = ErrUnreachable // no answer to a greeting
	}
	return e
}

func kindOf(status int) error {
	switch {
	case status == http.StatusNotFound || status == http.StatusGone:
		return ErrNotFound
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return ErrUnauthorized
	case status == http.StatusTooManyRequests || status >= 500:
		return ErrUnreachable
	}
	return nil
}

const (
	maxTries      = 3
	maxRetryAfter = 10 * time.Second
)

// busyError is a registry that may be asked later: it is out of order, or the connection
// to it broke.
type busyError struct {
	error
	after time.Duration
}

func (e *busyError) Unwrap() error { return e.error }

// retryAfter is the pause that an answer asks for; a date is none that we keep.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// again calls f up to three times while the registry is out of order, or the connection
// to it breaks, with the pause that it asks for: one above maxRetryAfter is none that we
// keep, and f is not called again.
func (c *Client) again(ctx context.Context, f func() error) error {
	pause := c.opt.Fetch.Pause
	if pause == 0 {
		pause = 250 * time.Millisecond
	}
	for try := 1; ; try++ {
		err := f()
		wait := pause
		if busy := new(busyError); errors.As(err, &busy) {
			wait = max(wait, busy.after)
		}
		if !errors.As(err, new(*busyError)) || !errors.Is(err, ErrUnreachable) || try == maxTries || wait > maxRetryAfter {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause *= 4
	}
}
