package render

import (
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/jinja/token"
	"github.com/kpm-sh/kpm/internal/python"
)

// machine renders one template and those that it includes, imports or extends.
type machine struct {
	meter
	main    string                      // path of the template that is asked for
	lookup  func(string) (string, bool) // text of a template, by its path
	strict  bool                        // an undefined variable is an error
	options token.Options
	escape  bool                       // what is being called is called where texts are escaped
	base    *scope                     // what also a template sees that is imported without context
	values  *scope                     // and the values
	parsed  map[string]*jinja.Template // what was read so far
}

func newMachine(stopped func() error, lookup func(string) (string, bool), values Values, strict bool) *machine {
	m := &machine{
		meter: meter{budget: &budget{}, stopped: stopped}, lookup: lookup, strict: strict, parsed: map[string]*jinja.Template{},
		// what is included ends its line, and a block of YAML at the end of a file has the line end of the file
		options: token.Options{KeepTrailingNewline: true},
		base:    &scope{vars: functions()},
	}
	m.values = m.base.child()
	for name, value := range values {
		m.values.set(name, own(value))
	}
	return m
}

func named[T any](of, name string, table map[string]T) (T, error) {
	found, ok := table[name]
	if !ok {
		return found, faultf("unknown %s %q%s", of, name, suggest(name, slices.Sorted(maps.Keys(table))))
	}
	return found, nil
}

// undefined is the value of what is not there. fault says so, when it is used.
func (m *machine) undefined(fault func() error) *python.Undefined {
	return &python.Undefined{Strict: m.strict, Fault: fault}
}

// nothing is undefined for what has no name.
func (m *machine) nothing(format string, args ...any) *python.Undefined {
	return m.undefined(func() error { return faultf(format, args...) })
}
