package ready

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// Waiting is an object that is not ready, and why.
type Waiting struct {
	api.Ref
	Why  string `json:"why"`            // foreign text, one line
	Gone bool   `json:"gone,omitempty"` // it is not there
	Note string `json:"note,omitempty"` // of one that is ready: what else there is to know; foreign text, one line

	Finalizers []string `json:"-"` // of one that a look found being deleted
}

// Error lists what did not become ready, or did not go. It is an ErrTimeout when
// time ran out, and no class when an object has failed and will not come by itself.
type Error struct {
	Failed  []Waiting
	Waiting []Waiting
	Stays   []Waiting // to be deleted, and still there
	Behind  []api.Ref // to be deleted, and not touched before those are gone
	Timeout bool
}

func (e *Error) Error() string {
	var lines []string
	for _, w := range e.Failed {
		lines = append(lines, fmt.Sprintf("%s: %s", w.Ref, w.Why))
	}
	for _, w := range e.Waiting {
		lines = append(lines, fmt.Sprintf("%s is not ready: %s", w.Ref, w.Why))
	}
	for _, w := range e.Stays {
		lines = append(lines, fmt.Sprintf("%s: %s", w.Ref, w.Why))
	}
	if len(e.Behind) > 0 {
		lines = append(lines, "until then there stay: "+Some(e.Behind))
	}
	return strings.Join(lines, "\n")
}

// OnlyStays tells whether all that was applied is ready: what is amiss is only what
// was to be deleted.
func (e *Error) OnlyStays() bool { return len(e.Failed)+len(e.Waiting) == 0 }

// WithStays is e, which may be nil, with what does not go.
func (e *Error) WithStays(stays []Waiting, behind []api.Ref) *Error {
	if e == nil {
		return &Error{Stays: stays, Behind: behind, Timeout: true}
	}
	return &Error{Failed: e.Failed, Waiting: e.Waiting, Stays: stays, Behind: behind, Timeout: e.Timeout}
}

// ErrorCode is FINALIZERS when what is amiss is only what was to be deleted.
func (e *Error) ErrorCode() errcode.Code {
	if e.OnlyStays() {
		return errcode.Finalizers
	}
	return ""
}

// Unwrap returns ErrTimeout, or nil after a failure.
func (e *Error) Unwrap() error {
	if e.Timeout {
		return api.ErrTimeout
	}
	return nil
}

// Some names the first of many objects.
func Some(refs []api.Ref) string {
	const most = 4
	var names []string
	for _, ref := range refs[:min(len(refs), most)] {
		names = append(names, ref.String())
	}
	text := strings.Join(names, ", ")
	if more := len(refs) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
