package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
)

// Home is the folder in which kpm keeps everything, and spells every path in it.
type Home struct {
	Dir string // absolute
}

func (h Home) config() string       { return filepath.Join(h.Dir, ".config.yaml") }
func (h Home) repositories() string { return filepath.Join(h.Dir, ".repos") }
func (h Home) copies() string       { return filepath.Join(h.Dir, ".copies") }

// hooks is where hooks run, and what they wrote is while they do.
func (h Home) hooks() string { return filepath.Join(h.Dir, ".hooks") }

func (h Home) archives() string { return filepath.Join(h.Dir, ".archives") }

func (h Home) repository(alias string) string {
	return filepath.Join(h.repositories(), alias)
}

// Copy is where the working copy of a Kube is.
func (h Home) Copy(name string) string {
	return filepath.Join(h.Dir, name)
}

func (h Home) origin(name string) string {
	return filepath.Join(h.copies(), name+".json")
}

// nextOrigin is the origin of a working copy that is about to be put in place.
func (h Home) nextOrigin(name string) string {
	return filepath.Join(h.copies(), name+".next.json")
}

func (h Home) archive(d index.Digest) string {
	return filepath.Join(h.archives(), string(d)+".tgz")
}

// bundle is where the provenance of an archive is.
func (h Home) bundle(d index.Digest) string {
	return h.archive(d) + ".sigstore.json"
}

// lock keeps other kpms from changing the configuration and the working copies,
// and removes what a kpm left behind that was killed at it.
func (h Home) lock(ctx context.Context) (unlock func(), err error) {
	if err := h.make(h.Dir); err != nil {
		return nil, err
	}
	held, err := atomicfile.Lock(ctx, filepath.Join(h.Dir, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("locking kpm's home: %w", err)
	}
	if err := errors.Join(atomicfile.Sweep(h.Dir), atomicfile.Sweep(h.copies()), hook.Sweep(ctx, h.hooks())); err != nil {
		held.Unlock()
		return nil, err
	}
	return held.Unlock, nil
}

// make makes the home and the folder dir in it, for their owner alone.
func (h Home) make(dir string) error {
	if err := h.Check(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making kpm's home: %w", err)
	}
	return nil
}

// Check refuses a home in which somebody else can write: its configuration says
// whom to trust. A home that does not exist yet is fine.
func (h Home) Check() error {
	for _, path := range []string{h.Dir, h.config(), h.repositories()} {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = checkOwner(info)
		}
		if err != nil {
			return fmt.Errorf("checking kpm's home: %s: %w", path, err)
		}
	}
	return nil
}

// ErrExposed is the refusal of a home that others can write to.
var ErrExposed = errors.New("others could change what kpm trusts")
