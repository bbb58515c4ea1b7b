package search

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/atomicfile"
)

// folder is the folder of generation n.
func (s Store) folder(n int) string {
	return s.path(genPrefix + strconv.Itoa(n))
}

// current reads which generation is the current one.
func (s Store) current() (int, error) {
	b, err := atomicfile.Read(s.path(pointerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, ErrNone
	}
	if err != nil {
		return 0, err
	}
	name, ok := strings.CutSuffix(string(b), "\n")
	n, isGen := genNumber(name)
	if !ok || !isGen {
		return 0, fmt.Errorf("%w: %s names no generation", ErrCorrupt, pointerFile)
	}
	return n, nil
}

// point makes n the current generation.
func (s Store) point(n int) error {
	return atomicfile.Write(s.path(pointerFile), []byte(genPrefix+strconv.Itoa(n)+"\n"), 0o600)
}
