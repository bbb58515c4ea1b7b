package merge

import (
	"bytes"
	"encoding/json"
	"path"
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

// Result is a merged file. In a conflict File has all that only one side changed, and
// the user's version of what both did.
type Result struct {
	File    *File
	Outcome Outcome
	Clashes []Clash // of a conflict
}

// Merge merges the three versions of the file at name.
func Merge(name string, base, ours, theirs *File) Result {
	switch {
	case same(base, theirs) || same(ours, theirs):
		return Result{File: ours, Outcome: Kept}
	case same(base, ours):
		return Result{File: theirs, Outcome: outcomeOf(ours, theirs)}
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
	merged := &File{data, either(base.Exec, ours.Exec, theirs.Exec)}
	if len(clashes) > 0 {
		return Result{merged, Conflict, clashes}
	}
	return Result{File: merged, Outcome: Merged}
}

func same(a, b *File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Exec == b.Exec && bytes.Equal(a.Data, b.Data)
}

func outcomeOf(ours, theirs *File) Outcome {
	switch {
	case ours == nil:
		return Added
	case theirs == nil:
		return Removed
	}
	return Replaced
}

func clash(ours *File, text string) Result {
	return Result{ours, Conflict, []Clash{{Text: text}}}
}

// content merges what is in a file that all three have. Where an editor ends all lines
// in the manner of Windows, that is one change, and not one of each line.
func content(name string, base, ours, theirs []byte) ([]byte, []Clash) {
	windows := either(endsInCR(base), endsInCR(ours), endsInCR(theirs))
	data, clashes := unixContent(name, withoutCR(base), withoutCR(ours), withoutCR(theirs))
	if windows {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	return data, clashes
}

// unixContent is content of texts whose lines end in LF, or in no one way.
func unixContent(name string, base, ours, theirs []byte) ([]byte, []Clash) {
	switch {
	case bytes.Equal(base, theirs) || bytes.Equal(ours, theirs):
		return ours, nil
	case bytes.Equal(base, ours):
		return theirs, nil
	case !isText(base) || !isText(ours) || !isText(theirs):
		return ours, []Clash{{Text: "you and the release changed it, and it is no text"}}
	}
	switch path.Ext(name) {
	case ".yaml", ".yml":
		if data, clashes, ok := documents(base, ours, theirs); ok {
			return data, clashes
		}
	case ".json":
		return jsonContent(base, ours, theirs)
	}
	return lines(base, ours, theirs)
}

// jsonContent merges JSON field by field, as the YAML that it is.
func jsonContent(base, ours, theirs []byte) ([]byte, []Clash) {
	valid := json.Valid(ours) && json.Valid(theirs)
	if valid && json.Valid(base) {
		if data, clashes, ok := documents(base, ours, theirs); ok && json.Valid(data) {
			return data, clashes
		}
	}
	data, clashes := lines(base, ours, theirs)
	if valid && !json.Valid(data) {
		return ours, append(clashes, unfit)
	}
	return data, clashes
}

func isText(data []byte) bool {
	return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
}
