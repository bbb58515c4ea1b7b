package hook

import (
	"io"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// ErrUnconfined is why Run refuses on a host that cannot confine a hook.
var ErrUnconfined = errcode.New(errcode.Unconfined, "nothing here can confine it")

// ValuesPath is where a hook writes values for the templates.
const ValuesPath = "hook-values.yaml"

// DefaultTimeout is how long a hook may take, answers of the user included.
const DefaultTimeout = 5 * time.Minute

// Action is what a hook is run for.
type Action string

// The actions that run a hook.
const (
	Install Action = "install"
	Upgrade Action = "upgrade"
)

// Call is one run of the hook of a Kube.
type Call struct {
	Kube      *kube.Kube
	Action    Action
	Namespace string
	Values    []byte      // JSON of all values; nil is {}
	Previous  []kube.File // what the hook wrote last time, as Result.Files gave it

	Python  string        // name or path of Python 3
	Self    string        // path of the running program, whose main calls Main
	Dir     string        // of kpm alone, made if need be: the private copies are made there, and removed again (see Sweep)
	Timeout time.Duration // 0 is DefaultTimeout

	In    *os.File  // terminal on which the user answers; nil if there is nobody to ask
	Out   io.Writer // where lines of output go, one Write each
	Width int       // columns of the terminal; 0 is 80

	// Allow is the digest (DigestOf) of a hook that may run unconfined if it must.
	Allow index.Digest

	// Strict ends the hook where it first reaches for what it may not have, whether or
	// not it would go on without it: a socket, a file of its user or host, a place to
	// write outside of its copy. Elsewhere than on Linux that is only refused.
	Strict bool

	bounds *bounds // others than the usual; nil: those
}

// Result is what a hook left.
type Result struct {
	Files   []kube.File // what it wrote or changed, ascending by path
	Values  []byte      // content of hook-values.yaml; nil if it wrote none
	Level   Level
	Missing error // why Level is not better; nil at the best one of this system
}
