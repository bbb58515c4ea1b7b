package kube

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Problem is one finding about a Kube. Path is relative to the Kube's folder
// ("" is the folder itself), Line counts from 1 (0 is the whole file).
// A warning does not keep a Kube from being published.
type Problem struct {
	Path    string
	Line    int
	Message string
	Warning bool
	Rule    string // the name of the rule of lint that found it, if one did
}

// String gives "path:line: message" in one line, with "warning: " before the
// message of a warning, and the name of the rule by which it can be waived after
// it. What is not known is left out.
func (p Problem) String() string {
	var b strings.Builder
	if p.Path != "" {
		if Printable(p.Path, false) {
			b.WriteString(p.Path)
		} else {
			fmt.Fprintf(&b, "%q", p.Path)
		}
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Warning && p.Rule != "" {
		b.WriteString(" [" + p.Rule + "]")
	}
	return b.String()
}

// Problems are findings in the order of path, line and message. It is an error
// that says all of them, one a line.
type Problems []Problem

// Error lists the findings, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the findings that are not warnings as an error (a Problems), or
// nil when there is none.
func (ps Problems) Err() error {
	if errs := ps.Errors(); len(errs) > 0 {
		return errs
	}
	return nil
}

// Errors are the findings that keep a Kube from being published.
func (ps Problems) Errors() Problems {
	return ps.filter(false)
}

// Warnings are the other findings.
func (ps Problems) Warnings() Problems {
	return ps.filter(true)
}

func (ps Problems) filter(warning bool) Problems {
	var out Problems
	for _, p := range ps {
		if p.Warning == warning {
			out = append(out, p)
		}
	}
	return out
}

// In returns the findings with their paths below the folder prefix.
func (ps Problems) In(prefix string) Problems {
	out := slices.Clone(ps)
	for i := range out {
		out[i].Path = path.Join(prefix, out[i].Path)
	}
	return out
}

// Sort orders the findings by path, line and message.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.Path, b.Path),
			cmp.Compare(a.Line, b.Line),
			strings.Compare(a.Message, b.Message),
		)
	})
}
