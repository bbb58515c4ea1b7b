package search

import (
	"strconv"
	"strings"
)

const (
	pointerFile = "CURRENT"
	stateFile   = "state.json"
	indexFolder = "index"
	genPrefix   = "gen-"
	sealFile    = "seal.json"
	lockFile    = "update.lock"
)

// genNumber is the number in a generation's name. It accepts only what folder
// writes: no sign, no leading zero.
func genNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, genPrefix)
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0 && strconv.Itoa(n) == digits
}
