package merge

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"
	"unicode/utf8"
)

// File is one version of a file; nil is that there is none.
type File struct {
	Data []byte
	Exec bool
}

// Outcome says what became of the user's file.
type Outcome string

// Outcomes of a merge.
const (
	Kept     Outcome = "kept"     // the user's, as it was
	Replaced Outcome = "replaced" // the user had not edited it
	Added    Outcome = "added"
	Removed  Outcome = "removed"
	Merged   Outcome = "merged"   // both changed it
	Conflict Outcome = "conflict" // both changed it, and the user has to merge it
)

// Result is a merged file. In a conflict File is the user's.
type Result struct {
	File    *File
	Outcome Outcome
	Clashes []Clash // of a conflict
}

// Clash is one place in which both sides made different changes.
type Clash struct {
	Line int    // in the user's file, from 1; 0: it is nowhere in there
	Text string // what clashes; never a value
}

// Merge merges the three versions of the file at name.
func Merge(name string, base, ours, theirs *File) Result {
	switch {
	case same(base, theirs) || same(ours, theirs):
		return Result{File: ours, Outcome: Kept}
	case same(base, ours):
		return Result{File: theirs, Outcome: taken(ours, theirs)}
	case ours == nil:
		return clash(nil, "you removed it, and the release changed it")
	case theirs == nil:
		return clash(ours, "you changed it, and the release removed it")
	case base == nil && !bytes.Equal(ours.Data, theirs.Data):
		return clash(ours, "you and the release added it, with different content")
	case base == nil:
		base = ours
	}
	data, clashes := content(name, base.Data, ours.Data, theirs.Data)
	if len(clashes) > 0 {
		return Result{ours, Conflict, clashes}
	}
	return Result{File: &File{data, either(base.Exec, ours.Exec, theirs.Exec)}, Outcome: Merged}
}

func same(a, b *File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Exec == b.Exec && bytes.Equal(a.Data, b.Data)
}

func taken(ours, theirs *File) Outcome {
	switch {
	case ours == nil:
		return Added
	case theirs == nil:
		return Removed
	}
	return Replaced
}

func clash(ours *File, text string) Result {
	return Result{ours, Conflict, []Clash{{0, text}}}
}

// either is the one that changed.
func either[T comparable](base, ours, theirs T) T {
	if ours != base {
		return ours
	}
	return theirs
}

// content merges what is in a file that all three have.
func content(name string, base, ours, theirs []byte) ([]byte, []Clash) {
	switch {
	case bytes.Equal(base, theirs) || bytes.Equal(ours, theirs):
		return ours, nil
	case bytes.Equal(base, ours):
		return theirs, nil
	case !isText(base) || !isText(ours) || !isText(theirs):
		return nil, []Clash{{0, "you and the release changed it, and it is no text"}}
	}
	switch path.Ext(name) {
	case ".yaml", ".yml":
		if data, clashes, ok := documents(base, ours, theirs); ok {
			return data, clashes
		}
	case ".json":
		data, clashes := lines(base, ours, theirs)
		if len(clashes) == 0 && json.Valid(ours) && json.Valid(theirs) && !json.Valid(data) {
			return nil, []Clash{{0, "your changes and those of the release do not fit together"}}
		}
		return data, clashes
	}
	return lines(base, ours, theirs)
}

func isText(data []byte) bool {
	return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
}

// lines merges texts line by line.
func lines(base, ours, theirs []byte) ([]byte, []Clash) {
	var out strings.Builder
	var clashes []Clash
	for _, c := range diff3(cut(base), cut(ours), cut(theirs)) {
		merged, ok := c.merged()
		if !ok {
			clashes = append(clashes, Clash{c.at + 1, "you and the release changed these lines"})
		}
		for _, line := range merged {
			out.WriteString(line)
		}
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
