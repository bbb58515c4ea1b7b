package client

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// conflictError says that what is installed stands in the way.
type conflictError struct {
	Installation api.Installation
	Wanted       string // as an upgrade names it
	Text         string
}

func (e *conflictError) Error() string { return e.Text }

// ErrorCode is INSTALLED_OTHERWISE.
func (e *conflictError) ErrorCode() errcode.Code { return errcode.InstalledOtherwise }

// ErrorFacts name the installation, and what was to be in its place.
func (e *conflictError) ErrorFacts() errcode.Facts {
	facts := installation(e.Installation)
	facts["wanted"] = e.Wanted
	return facts
}

func installation(id api.Installation) errcode.Facts {
	return errcode.Facts{"name": id.Name, "namespace": id.Namespace}
}

// NotInstalledError says that there is no such installation, or only attempts that
// failed.
type NotInstalledError struct {
	Installation api.Installation
	Tried        bool
	Local        bool       // what was tried is in no repository
	Remains      []api.Item // what carries its labels nevertheless, where that was asked
}

func (e *NotInstalledError) Error() string {
	if e.Tried {
		return fmt.Sprintf("%s was never installed in namespace %s: the attempts failed", e.Installation.Name, e.Installation.Namespace)
	}
	text := fmt.Sprintf("%s is not installed in namespace %s", e.Installation.Name, e.Installation.Namespace)
	if n := len(e.Remains); n > 0 {
		text += fmt.Sprintf(", but %s carries its labels", e.Remains[0].Ref)
		if n > 1 {
			text += fmt.Sprintf(", and %d more", n-1)
		}
	}
	return text
}

// ErrorCode is NOT_INSTALLED.
func (e *NotInstalledError) ErrorCode() errcode.Code { return errcode.NotInstalled }

// ErrorFacts name the installation, and say what was tried.
func (e *NotInstalledError) ErrorFacts() errcode.Facts {
	facts := installation(e.Installation)
	switch {
	case e.Local:
		facts["local"] = true
	case e.Tried:
		facts["tried"] = true
	case len(e.Remains) > 0:
		facts["remains"] = true
	}
	return facts
}

func usage(format string, args ...any) error {
	return errcode.With(errcode.Usage, nil, fmt.Errorf(format, args...))
}
