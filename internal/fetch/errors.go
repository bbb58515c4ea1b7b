package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
)

var (
	// ErrNotFound says that the source has no such file (404, 410).
	ErrNotFound = errors.New("not found")

	// ErrForbidden says that the source does not give us the file (401, 403).
	// Some object stores answer so for what they do not have.
	ErrForbidden = errors.New("not allowed")

	// ErrUnreachable says that the source gave no usable answer: no route,
	// name, connection or valid certificate, a broken or stalled transfer, or a
	// server that is out of order (408, 429, 5xx).
	ErrUnreachable = errcode.New(errcode.Unreachable, "unreachable")
)

// StatusError is an answer that brings no file. It is ErrNotFound,
// ErrForbidden, ErrUnreachable, or none of them, by its Code.
type StatusError struct {
	Code int
	URL  string // without query

	retryAfter time.Duration // what the server asked for, 0 if nothing
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("fetching %s: the server answers %d %s", e.URL, e.Code, http.StatusText(e.Code))
}

// Is tells which of the package's kinds of error the code belongs to.
func (e *StatusError) Is(target error) bool {
	switch e.Code {
	case http.StatusNotFound, http.StatusGone:
		return target == ErrNotFound
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return target == ErrUnreachable
	}
	return e.Code >= 500 && target == ErrUnreachable
}

// ErrorCode is UNREACHABLE, or none.
func (e *StatusError) ErrorCode() errcode.Code {
	if e.Is(ErrUnreachable) {
		return errcode.Unreachable
	}
	return ""
}

// RedirectError is a source that sends us where we do not go.
type RedirectError struct {
	URL string // that was asked for, without query
	Err error  // why not
}

func (e *RedirectError) Error() string { return fmt.Sprintf("fetching %s: %v", e.URL, e.Err) }

func (e *RedirectError) Unwrap() error { return e.Err }

// TooLongError is a body that exceeds what the caller takes.
type TooLongError struct {
	URL   string // without query
	Limit int64  // bytes
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("fetching %s: more than %d bytes", e.URL, e.Limit)
}

// netError is a source that could not be reached, or stopped in the middle.
type netError struct {
	url   string
	err   error
	again bool // a second try may well succeed
}

func (e *netError) Error() string {
	return fmt.Sprintf("fetching %s: %v: %v", e.url, ErrUnreachable, e.err)
}

func (e *netError) ErrorCode() errcode.Code { return errcode.Unreachable }

func (e *netError) Is(target error) bool { return target == ErrUnreachable }

func (e *netError) Unwrap() error { return e.err }
