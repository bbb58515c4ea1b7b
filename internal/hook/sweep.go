package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

const (
	boxPrefix = "run-"  // of the private folders of runs
	lockName  = ".lock" // beside them, and in each while its kpm lives
)

// Sweep removes what kpms left in dir, a Call's Dir, that were killed while a
// hook ran: its copy, with what it wrote. Those of living ones stay.
func Sweep(ctx context.Context, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	held, err := atomicfile.Lock(ctx, filepath.Join(dir, lockName))
	if err != nil {
		return fmt.Errorf("sweeping after hooks: %w", err)
	}
	defer held.Unlock()
	return sweep(dir)
}

// sweep is Sweep while dir is locked.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("sweeping after hooks: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), boxPrefix) {
			errs = append(errs, sweepBox(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

func sweepBox(dir string) error {
	held, err := atomicfile.TryLock(filepath.Join(dir, lockName))
	if errors.Is(err, atomicfile.ErrLocked) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweeping after hooks: %w", err)
	}
	defer held.Unlock()
	return remove(dir)
}

// newFolder makes the private folder of a run in dir, and holds its lock.
func newFolder(ctx context.Context, dir string) (string, *atomicfile.Held, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	held, err := atomicfile.Lock(ctx, filepath.Join(dir, lockName))
	if err != nil {
		return "", nil, err
	}
	defer held.Unlock()
	if err := sweep(dir); err != nil {
		return "", nil, err
	}
	made, err := os.MkdirTemp(dir, boxPrefix)
	if err != nil {
		return "", nil, err
	}
	alive, err := atomicfile.TryLock(filepath.Join(made, lockName))
	if err != nil {
		return "", nil, errors.Join(err, os.Remove(made))
	}
	return made, alive, nil
}
