package trust

import (
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
)

// Error is a refusal. Code and Found are enough to make one:
//
//	&trust.Error{Code: trust.Unlisted, Found: "etcd 9.9.9 is not in the index of acme"}
//
// Err is the cause as a program sees it; it is not part of the text.
type Error struct {
	Code     Code
	Found    string        // what is wrong, a sentence without its stop
	Expected string        // what it should have been, may be empty
	Facts    errcode.Facts // what advice may depend on, may be nil
	Err      error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s", e.Code, e.Found)
	if e.Expected != "" {
		text += ", expected " + e.Expected
	}
	return text
}

// ErrorCode is the code.
func (e *Error) ErrorCode() errcode.Code { return e.Code }

// ErrorFacts are the facts.
func (e *Error) ErrorFacts() errcode.Facts { return e.Facts }

// Unwrap gives the cause.
func (e *Error) Unwrap() error {
	return e.Err
}

// CodeOf is the code of the first Error in err's chain, "" if there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Mismatch turns what index.Ref.Match says about the bytes of what into a
// refusal with SIZE or DIGEST. Any other error comes back as it is.
func Mismatch(what string, err error) error {
	var m *index.MismatchError
	switch {
	case !errors.As(err, &m):
		return err
	case m.Got == "":
		return &Error{
			Code:     Size,
			Found:    fmt.Sprintf("%s has %d bytes", what, m.Size),
			Expected: fmt.Sprint(m.Want.Size),
			Err:      err,
		}
	}
	return &Error{
		Code:     Digest,
		Found:    fmt.Sprintf("%s has the sha256 %s", what, m.Got),
		Expected: string(m.Want.SHA256),
		Err:      err,
	}
}

// formatError wraps what the decoder said about signed bytes.
func formatError(what string, err error) *Error {
	return &Error{Code: Format, Found: fmt.Sprintf("%s is signed but cannot be read: %v", what, err), Err: err}
}
