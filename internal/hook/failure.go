package hook

import (
	"fmt"
	"regexp"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// Of the output of a hook kpm's error repeats no text, which may be a secret or
// pretend to be kpm's own: only what kind of exception it was, and where.
var (
	placeLine     = lazyregexp.New(`^  File ".*` + regexp.QuoteMeta(kube.HookPath) + `", line ([0-9]{1,6})\b`)
	exceptionLine = lazyregexp.New(`^([A-Za-z_][A-Za-z0-9_.]{0,63}(?:Error|Exception|Interrupt))(?::|$)`)
)

// failure is what Python says last of a hook that fails.
type failure struct {
	line      string // number of a line of the script
	exception string // class
}

// note takes a line of output.
func (f *failure) note(line string) {
	if m := placeLine().FindStringSubmatch(line); m != nil {
		f.line = m[1]
	}
	switch m := exceptionLine().FindStringSubmatch(line); {
	case m != nil:
		f.exception = m[1]
	case line != "":
		f.exception = "" // it went on after that
	}
}

// String follows how a hook ended; "" if no exception ended it.
func (f *failure) String() string {
	if f.exception == "" || f.line == "" {
		return ""
	}
	text := fmt.Sprintf(": %s at line %s of %s", f.exception, f.line, kube.HookPath)
	switch f.exception {
	case "SyntaxError", "IndentationError", "TabError":
		text += ": this is no Python that the python3 here understands"
	case "ModuleNotFoundError":
		text += ": only Python's standard library is promised to a hook"
	}
	return text
}
