package client

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
)

// unconfirmedError says that nothing in the cluster confirms what a record says,
// which is asked for. Whoever may write Secrets in the namespace may have written it.
type unconfirmedError struct {
	Installation api.Installation
	Hook         bool     // it is about what the hook wrote: that can be made anew
	Differs      []string // what confirms nothing, a line each; none: there is nothing at all
}

func (e *unconfirmedError) Error() string {
	what := "its version and values"
	if e.Hook {
		what = "what its hook wrote"
	}
	text := fmt.Sprintf("nothing in the cluster confirms what the record of %s says: %s may be of whoever writes Secrets there", e.Installation, what)
	if len(e.Differs) > 0 {
		text += "; " + strings.Join(e.Differs, "; ")
	}
	return text
}

// ErrorCode is UNCONFIRMED.
func (e *unconfirmedError) ErrorCode() errcode.Code { return errcode.Unconfirmed }

// ErrorFacts name the installation, and say whether it is about its hook.
func (e *unconfirmedError) ErrorFacts() errcode.Facts {
	facts := installation(e.Installation)
	if e.Hook {
		facts["hook"] = true
	}
	return facts
}

// restored names what carries the labels of an installation, and is something else
// than its record says.
func restored(refs []api.Ref) []string {
	var all []string
	for _, ref := range refs {
		all = append(all, fmt.Sprintf("%s carries its labels, and is another object than the recorded one, as after a restore", ref))
	}
	return all
}
