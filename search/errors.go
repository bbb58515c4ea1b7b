package search

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/kpm-sh/kpm/internal/errcode"
)

var (
	// ErrNone is returned when the store has no generation yet.
	ErrNone = errors.New("no catalog yet")

	// ErrCorrupt is returned when the catalog is damaged. It is mended by
	// [Writer.Replace], from lines that were fetched anew.
	ErrCorrupt = errcode.New(errcode.DamagedCatalog, "catalog is damaged")

	// ErrQuery is returned for a pattern that cannot be searched for.
	ErrQuery = errors.New("not a search pattern")
)

// corrupt marks err as damage, unless it is already marked or rebuilding the
// catalog would not help: the machine lacks something, and the catalog may be sound.
func corrupt(err error) error {
	if errors.Is(err, ErrCorrupt) || errors.Is(err, fs.ErrPermission) || unlockable(err) || slices.ContainsFunc(shortages, func(s error) bool { return errors.Is(err, s) }) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// shortages are what a machine may lack for a moment.
var shortages = []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOSPC}

// unlockable reports whether an error says that files cannot be locked where the
// index lies: ENOLCK, and what file systems say that have none at all (flock(2)).
func unlockable(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EOPNOTSUPP)
}

// guard turns a panic of Bleve, or a fault in a file that it has mapped, into
// ErrCorrupt: it believes the offsets that it reads. To be deferred as
//
//	defer guard(&err, debug.SetPanicOnFault(true))
//
// where the second argument is the setting to return to.
func guard(err *error, faults bool) {
	debug.SetPanicOnFault(faults)
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrCorrupt, r)
	}
}
