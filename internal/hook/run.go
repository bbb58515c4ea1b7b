package hook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// ErrUnconfined is why Run refuses on a host that cannot confine a hook.
var ErrUnconfined = errors.New("nothing here can confine it")

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

	bounds *bounds // others than the usual; nil: those
}

// Result is what a hook left.
type Result struct {
	Files   []kube.File // what it wrote or changed, ascending by path
	Values  []byte      // content of hook-values.yaml; nil if it wrote none
	Level   Level
	Missing error // why Level is not better; nil at the best one of this system
}

// Run runs the hook of c.Kube and gives what it left.
//
// It returns ErrUnconfined where no confinement can be had and c.Allow does not
// name the hook, and context.DeadlineExceeded when the hook took too long.
func Run(ctx context.Context, c Call) (Result, error) {
	result, err := run(ctx, c, levels())
	if err != nil {
		return Result{}, fmt.Errorf("running the hook of %s: %w", c.Kube.Name, err)
	}
	return result, nil
}

// run is Run with the levels to be tried, best first.
func run(ctx context.Context, c Call, levels []Level) (Result, error) {
	if _, ok := c.Kube.Hook(); !ok {
		return Result{}, errors.New("there is none")
	}
	if len(c.Values) > MaxValues {
		return Result{}, fmt.Errorf("its values are %d bytes, more than %d", len(c.Values), MaxValues)
	}
	python, err := findPython(ctx, c.Python)
	if err != nil {
		return Result{}, err
	}
	b, err := newBox(ctx, c.Dir, c.Kube, c.Previous)
	if err != nil {
		return Result{}, err
	}
	if c.bounds != nil {
		b.bounds = *c.bounds
	}
	s := &session{call: c, python: python, box: b}
	result, err := s.run(ctx, levels)
	if removing := b.remove(); err == nil {
		err = removing
	}
	return result, err
}

// session is one run in its box.
type session struct {
	call   Call
	python interpreter
	box    *box
}

func (s *session) run(ctx context.Context, levels []Level) (Result, error) {
	level, missing, err := s.confined(ctx, levels)
	if level == Unconfined {
		digest := DigestOf(s.call.Kube)
		if s.call.Allow != digest {
			return Result{}, fmt.Errorf("%w (sha256:%s): %w", ErrUnconfined, digest, missing)
		}
		err = s.attempt(ctx, Unconfined)
	}
	if err != nil {
		return Result{}, err
	}
	files, err := s.box.written(s.call.Kube)
	if err != nil {
		return Result{}, err
	}
	result := Result{Files: files, Level: level, Missing: missing}
	for _, f := range files {
		if f.Path == ValuesPath {
			result.Values = f.Data
		}
	}
	return result, nil
}

// confined runs the hook at the first of the levels that can be had. It gives
// Unconfined, and has run nothing, if there is none; missing is what the better
// levels lack.
func (s *session) confined(ctx context.Context, levels []Level) (level Level, missing, err error) {
	for _, level := range levels {
		err := s.attempt(ctx, level)
		var setup *setupError
		if !errors.As(err, &setup) || ctx.Err() != nil {
			return level, missing, err
		}
		missing = errors.Join(missing, setup)
	}
	if missing == nil {
		missing = errors.New("kpm knows no way on this system")
	}
	return Unconfined, missing, nil
}
