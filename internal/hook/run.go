package hook

import (
	"context"
	"errors"
	"fmt"
)

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
	b, err := newBox(ctx, c.Dir)
	if err != nil {
		return Result{}, err
	}
	s := &session{call: c, python: python, box: b, bounds: usualBounds()}
	if c.bounds != nil {
		s.bounds = *c.bounds
	}
	result, err := s.run(ctx, levels)
	s.drop()
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
	bounds bounds
	copied *workspace // nil until a level made one

	// judging answers a strict hook until its context ends; nil where nothing asks
	judging func(context.Context, context.CancelCauseFunc) error
}

// drop lets the copy go.
func (s *session) drop() {
	if s.copied != nil {
		s.copied.close()
		s.copied = nil
	}
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
	files, err := written(s.copied.root, s.call.Kube)
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
