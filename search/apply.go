package search

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/index"
)

// Apply makes a generation of the current one with these lines in place of
// those of the same name; a Kube that went comes as its gone line. The error
// wraps that of Store.Open when there is nothing sound to change.
//
// Without changed lines only the state is replaced. When more than a quarter of
// the lines changed since the last full build, or that was one with another
// mapping, the generation is built anew.
func (w *Writer) Apply(ctx context.Context, changed []index.Line, state []byte) error {
	cat, err := w.store.Open()
	if err != nil {
		return err
	}
	defer cat.Close() //nolint:errcheck // open for reading only
	byName := make(map[string]index.Line, len(changed))
	for _, line := range changed {
		if _, twice := byName[line.Name]; twice {
			return fmt.Errorf("updating the catalog: two lines of %q", line.Name)
		}
		byName[line.Name] = line
	}
	switch {
	case cat.needsBuild(len(changed)):
		return w.Replace(ctx, merge(cat.Lines(), byName), state)
	case len(changed) == 0:
		err = replaceState(cat.dir, state)
	default:
		err = w.publish(state, func(dir string) (seal, error) { return cat.clone(ctx, dir, changed) })
	}
	if err != nil {
		return fmt.Errorf("updating the catalog: %w", err)
	}
	return nil
}

// replaceState replaces the state of the generation in dir, after what a killed
// process left of that.
func replaceState(dir string, state []byte) error {
	return errors.Join(atomicfile.Sweep(dir), atomicfile.Write(filepath.Join(dir, stateFile), state, 0o600))
}

// merge yields lines with those in changed in their place, and then the rest
// of changed.
func merge(lines iter.Seq2[index.Line, error], changed map[string]index.Line) iter.Seq2[index.Line, error] {
	return func(yield func(index.Line, error) bool) {
		done := make(map[string]bool, len(changed))
		for line, err := range lines {
			if newer, ok := changed[line.Name]; ok && err == nil {
				line, done[line.Name] = newer, true
			}
			if !yield(line, err) {
				return
			}
		}
		for name, line := range changed {
			if !done[name] && !yield(line, nil) {
				return
			}
		}
	}
}
