package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	maxTries = 3 // the first one included

	// maxRetryAfter is the longest pause that a server may ask for; we give up
	// on one that wants more.
	maxRetryAfter = 10 * time.Second
)

// retry calls f until it succeeds, fails for good, or has failed three times.
func retry(ctx context.Context, s *Source, f func() error) error {
	pause := s.opt.Pause
	for try := 1; ; try++ {
		err := f()
		wait, again := retryable(err)
		if !again || try == maxTries {
			return err
		}
		s.logf("%v; trying again", err)
		select {
		case <-time.After(max(wait, pause)):
		case <-ctx.Done():
			return fmt.Errorf("fetching from %s: %w", s, ctx.Err())
		}
		pause *= 4
	}
}

// retryable reports whether another try is worth it, and how long to wait at
// least.
func retryable(err error) (wait time.Duration, again bool) {
	if broken, ok := errors.AsType[*netError](err); ok {
		return 0, broken.again
	}
	status, ok := errors.AsType[*StatusError](err)
	if !ok {
		return 0, false
	}
	switch status.Code {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return 0, false
	}
	again = status.Code == http.StatusTooManyRequests || status.Code >= 500
	return status.retryAfter, again && status.retryAfter <= maxRetryAfter
}

// retryAfter is how long a server wants to be left alone, 0 if it does not
// say. A date is taken as a long time.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	seconds, err := strconv.ParseUint(v, 10, 16)
	if err != nil {
		return 24 * time.Hour
	}
	return time.Duration(seconds) * time.Second
}
