package api

import (
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kpm-sh/kpm/internal/errcode"
)

// What a caller tells apart, with errors.Is.
var (
	ErrNotFound     = errcode.New(errcode.NoObject, "not found")
	ErrConflict     = errcode.New(errcode.Conflict, "conflict")             // somebody else's object, field or operation
	ErrStale        = errcode.New(errcode.Outdated, "the plan is outdated") // also an ErrConflict: plan again
	ErrTimeout      = errcode.New(errcode.TimedOut, "timed out")
	ErrBusy         = errcode.New(errcode.Busy, "somebody else is at work") // also an ErrTimeout
	ErrName         = errcode.New(errcode.NoName, "not a name")
	ErrUnreachable  = errcode.New(errcode.UnreachableCluster, "cluster unreachable")
	ErrSlow         = errcode.New(errcode.SlowCluster, "no answer in time")  // also an ErrUnreachable
	ErrSilent       = errors.New("no answer of the server behind an API")    // also an ErrUnreachable
	ErrDamaged      = errcode.New(errcode.DamagedRevision, "damaged record") // it is there and cannot be read
	ErrForbidden    = errcode.New(errcode.Forbidden, "not allowed")
	errUnknownUser  = errcode.New(errcode.UnknownUser, "unknown user") // also an ErrForbidden: the server does not take our credentials
	ErrRefused      = errors.New("refused by the cluster")
	ErrUnanswered   = errcode.New(errcode.SilentWebhook, "no answer of a webhook")     // also an ErrRefused
	ErrUnconverted  = errcode.New(errcode.SilentConverter, "no answer of a converter") // also an ErrRefused
	ErrNoKubeconfig = errcode.New(errcode.NoKubeconfig, "no kubeconfig")
)

// Error is an error of one or more of the classes above. The class is not in
// its text.
type Error struct {
	Classes []error
	Text    string
	Cause   error // nil when Text says all
}

func (e *Error) Error() string { return e.Text }

// Unwrap returns the classes and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return e.Classes
	}
	return append([]error{e.Cause}, e.Classes...)
}

// Fault is an Error without a cause.
func Fault(text string, classes ...error) error {
	return &Error{Classes: classes, Text: text}
}

// classify gives the class to an answer of the API server.
func classify(err *apierrors.StatusError) error {
	var class error
	switch err.ErrStatus.Code {
	case http.StatusUnauthorized:
		return &Error{Classes: []error{ErrForbidden, errUnknownUser}, Text: err.Error(), Cause: err}
	case http.StatusNotFound, http.StatusGone:
		class = ErrNotFound
	case http.StatusConflict:
		class = ErrConflict
	case http.StatusForbidden:
		class = ErrForbidden
	case http.StatusServiceUnavailable: // of an APIService whose server is away
		return &Error{Classes: []error{ErrUnreachable, ErrSilent}, Text: reworded(err.ErrStatus.Message), Cause: err}
	case http.StatusGatewayTimeout, http.StatusTooManyRequests, http.StatusBadGateway:
		class = ErrUnreachable
	default:
		class = ErrRefused
		switch {
		case Unanswered(err):
			return &Error{Classes: []error{ErrUnanswered, ErrRefused}, Text: err.Error(), Cause: err}
		case Unconverted(err):
			return &Error{Classes: []error{ErrUnconverted, ErrRefused}, Text: err.Error(), Cause: err}
		}
	}
	return &Error{Classes: []error{class}, Text: reworded(err.ErrStatus.Message), Cause: err}
}
