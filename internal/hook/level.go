package hook

// Level is what keeps a hook to its copy of the Kube; higher is better. The
// package comment describes each.
type Level int

// The levels of confinement.
const (
	Unconfined Level = iota
	Landlock
	Sandbox
	Namespaces
	Full
)

// String describes the level to a user: "confined by …".
func (l Level) String() string {
	switch l {
	case Full:
		return "confined by namespaces and Landlock"
	case Namespaces:
		return "confined by namespaces"
	case Landlock:
		return "confined by Landlock"
	case Sandbox:
		return "confined by sandbox-exec"
	}
	return "not confined"
}

// setupError is why a level cannot be had here. Nothing of the hook ran.
type setupError struct {
	level Level
	err   error
}

func (e *setupError) Error() string { return e.err.Error() }
func (e *setupError) Unwrap() error { return e.err }
