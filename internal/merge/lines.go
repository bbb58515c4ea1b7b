package merge

import (
	"slices"
	"strings"
)

// Clash is one place in which both sides made different changes.
type Clash struct {
	Line               int    // in the merged file, from 1; 0: it is nowhere in there
	Text               string // what clashes; never a value
	Base, Ours, Theirs string // what the three say, in one line; "" where all of a file or an object is meant
}

// either is the one that changed.
func either[T comparable](base, ours, theirs T) T {
	if ours != base {
		return ours
	}
	return theirs
}

// lines merges texts line by line.
func lines(base, ours, theirs []byte) ([]byte, []Clash) {
	var out strings.Builder
	var clashes []Clash
	written := 0
	hide := ofSecret(base) || ofSecret(ours) || ofSecret(theirs)
	chunks := diff3(cut(base), cut(ours), cut(theirs))
	why := stays(chunks)
	for i, c := range chunks {
		merged, ok := c.merged()
		switch {
		case !ok:
			why[i] = "you and the release changed these lines"
		case why[i] != "" && !slices.Equal(merged, c.ours):
			merged = c.ours
		default:
			why[i] = ""
		}
		if why[i] != "" {
			sides := shownLines(hide, c.base, c.ours, c.theirs)
			clashes = append(clashes, Clash{written + 1, why[i], sides[0], sides[1], sides[2]})
		}
		for _, line := range merged {
			out.WriteString(line)
		}
		written += len(merged)
	}
	return []byte(out.String()), clashes
}

// cut gives the lines of a text, each with its end.
func cut(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	all := strings.SplitAfter(string(data), "\n")
	if all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
}

// unfit is for changes whose sum is no file of its kind any more: nothing is taken.
var unfit = Clash{Text: "your changes and those of the release do not fit together"}
