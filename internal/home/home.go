// Package home is the folder in which kpm keeps everything of one user.
//
//	$KPM_HOME/
//	  NAME/                  working copy, the user's to edit
//	  NAME-VERSION/          what was installed, to be read; kpm never reads it back
//	  .config.yaml           repositories, pins and hooks agreed to (0600)
//	  .copies/NAME.json      where a working copy comes from, and its files as they came
//	  .archives/SHA256.tgz   verified archives, hashed again at each use
//	  .repos/ALIAS/          one repository
//	    trust/N.json         its trust documents, as they were published
//	    floors.json          the newest head accepted: nothing older is
//	    CURRENT gen-N/       its catalog (package search)
//	    documents/NAME       documents fetched so far, hashed again at each use
//
// A home that another user owns, or may write to, is refused: who can write
// there can choose what is trusted. Readers lock nothing; the configuration and the
// working copies have one writer at a time.
package home

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
)

// Home is the folder in which kpm keeps everything, and spells every path in it.
type Home struct {
	Dir string // absolute
}

// Config is the file that says what repositories there are.
func (h Home) Config() string { return filepath.Join(h.Dir, ".config.yaml") }

// Repositories is where what is known of repositories is kept.
func (h Home) Repositories() string { return filepath.Join(h.Dir, ".repos") }

// Copies is where it is kept what working copies came from.
func (h Home) Copies() string { return filepath.Join(h.Dir, ".copies") }

// Hooks is where hooks run, and what they wrote is while they do.
func (h Home) Hooks() string { return filepath.Join(h.Dir, ".hooks") }

// Archives is where verified archives are, and their provenance.
func (h Home) Archives() string { return filepath.Join(h.Dir, ".archives") }

// Repository is where what is known of one repository is kept.
func (h Home) Repository(alias string) string {
	return filepath.Join(h.Repositories(), alias)
}

// Copy is where the working copy of a Kube is.
func (h Home) Copy(name string) string {
	return filepath.Join(h.Dir, name)
}

// Origin is the file that says what a working copy came from.
func (h Home) Origin(name string) string {
	return filepath.Join(h.Copies(), name+".json")
}

// NextOrigin is the origin of a working copy that is about to be put in place.
func (h Home) NextOrigin(name string) string {
	return filepath.Join(h.Copies(), name+".next.json")
}

// Archive is where the archive of that digest is.
func (h Home) Archive(d index.Digest) string {
	return filepath.Join(h.Archives(), string(d)+".tgz")
}

// Bundle is where the provenance of an archive is.
func (h Home) Bundle(d index.Digest) string {
	return h.Archive(d) + ".sigstore.json"
}

// Lock keeps other kpms from changing the configuration and the working copies,
// and removes what a kpm left behind that was killed at it.
func (h Home) Lock(ctx context.Context) (unlock func(), err error) {
	if err := h.Make(h.Dir); err != nil {
		return nil, err
	}
	held, err := atomicfile.Lock(ctx, filepath.Join(h.Dir, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("locking kpm's home: %w", err)
	}
	if err := errors.Join(atomicfile.Sweep(h.Dir), atomicfile.Sweep(h.Copies()), atomicfile.Sweep(h.Archives()), hook.Sweep(ctx, h.Hooks())); err != nil {
		held.Unlock()
		return nil, err
	}
	return held.Unlock, nil
}

// Make makes the home and the folder dir in it, for their owner alone.
func (h Home) Make(dir string) error {
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
	for _, path := range []string{h.Dir, h.Config(), h.Repositories()} {
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
var ErrExposed = errcode.New(errcode.ExposedHome, "others could change what kpm trusts")
