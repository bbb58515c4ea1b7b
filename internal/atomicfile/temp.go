package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// TempPrefix starts the name of everything that is not yet, or no longer, in
// its place. Programs that read a directory skip such names.
const TempPrefix = ".kpm-tmp-"

// asidePrefix starts the name of a directory that was moved aside; its own
// name follows, so that it can be moved back.
const asidePrefix = ".kpm-old-"

// TempDir makes an empty directory of mode 0700 in parent, with a name that
// Sweep knows. It is where the content of a ReplaceDir is prepared.
func TempDir(parent string) (string, error) {
	return os.MkdirTemp(parent, TempPrefix+"*")
}

// Sweep removes what earlier calls left behind in dir when they were killed,
// and moves back directories that were moved aside without a successor. It
// does not look into subdirectories. A dir that does not exist is swept.
//
// Sweep cannot tell the files of a dead process from those of a living one:
// call it while holding the lock under which dir is written.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweeping: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), TempPrefix) {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
		if name, ok := strings.CutPrefix(e.Name(), asidePrefix); ok && name != "" {
			errs = append(errs, heal(filepath.Join(dir, name)))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("sweeping: %w", err)
	}
	return nil
}
