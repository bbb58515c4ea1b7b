package render

import (
	"fmt"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// undefined is the value of a variable or key that is not there. The filter
// default and the tests defined and undefined take it for what it is; whoever
// else uses it gets an error, or in lenient mode an empty value.
type undefined struct {
	what  string   // how the template says it: "storage.size"
	name  string   // the name or key
	known []string // names or keys that are there
	at    place
}

// message says what is missing, and the nearest of what is there.
func (u *undefined) message() string {
	return fmt.Sprintf("%q is not defined", u.what) + suggest(u.name, u.known)
}

// String is what it prints as in lenient mode.
func (u *undefined) String() string { return "" }

func asUndefined(v *exec.Value) *undefined {
	u, _ := v.Interface().(*undefined)
	return u
}

// use refuses a value that is undefined.
func (m *machine) use(v *exec.Value) error {
	if u := asUndefined(v); u != nil && m.strict {
		return m.missing(u)
	}
	return nil
}

// missing is the error for u, at the place where it was asked for.
func (m *machine) missing(u *undefined) error {
	saved := m.at
	if u.at.file != "" {
		m.at = u.at
	}
	err := m.locate(faultf("%s", u.message()))
	m.at = saved
	return err
}
