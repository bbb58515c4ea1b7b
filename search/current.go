package search

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

const (
	pointerFile = "CURRENT"
	stateFile   = "state.json"
	indexFolder = "index"
	genPrefix   = "gen-"
)

// folder is the folder of generation n.
func (s Store) folder(n int) string {
	return s.path(genPrefix + strconv.Itoa(n))
}

// current reads which generation is the current one.
func (s Store) current() (int, error) {
	b, err := readFile(s.path(pointerFile))
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
	return replaceFile(s.path(pointerFile), []byte(genPrefix+strconv.Itoa(n)+"\n"))
}

// genNumber is the number in a generation's name. It accepts only what folder
// writes: no sign, no leading zero.
func genNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, genPrefix)
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0 && strconv.Itoa(n) == digits
}
