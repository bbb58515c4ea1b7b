package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// NewLine writes a record as a line, its details cut to MaxDetails bytes. A
// record that is still longer than MaxLine is refused.
func NewLine(r Record) (Line, error) {
	r.Details = cut(r.Details, MaxDetails)
	raw, err := encode(r)
	if err != nil {
		return Line{}, fmt.Errorf("writing the record of %s: %w", r.Name, err)
	}
	if err := r.check(); err != nil {
		return Line{}, fmt.Errorf("writing the record of %s: %w", r.Name, err)
	}
	if len(raw) > MaxLine {
		return Line{}, fmt.Errorf("writing the record of %s: %d bytes exceed %d", r.Name, len(raw), MaxLine)
	}
	return Line{r, raw}, nil
}

// DecodeLine reads one line, without its newline. The line keeps raw.
func DecodeLine(raw []byte) (Line, error) {
	if len(raw) > MaxLine {
		return Line{}, fmt.Errorf("reading a record: %w: %d bytes exceed %d", ErrFormat, len(raw), MaxLine)
	}
	l := Line{Raw: raw}
	if err := Decode(raw, &l.Record); err != nil {
		return Line{}, fmt.Errorf("reading a record: %w", err)
	}
	if err := l.check(); err != nil {
		return Line{}, fmt.Errorf("reading the record of %q: %w: %w", l.Name, ErrFormat, err)
	}
	return l, nil
}

func (r Record) check() error {
	switch {
	case !validName(r.Name):
		return fmt.Errorf("name %q is no Kube's name", r.Name)
	case r.Rev < 1:
		return errors.New("rev is below 1")
	case !r.Doc.SHA256.Valid() || r.Doc.Size < 1 || r.Doc.Size > MaxDocument:
		return errors.New("doc names no document")
	case r.Gone == "" && (r.Version == "" || r.Built.IsZero()):
		return errors.New("version or built is missing")
	}
	return nil
}

// validName is the grammar of a Kube's name, which is also a path on the host:
// [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
func validName(s string) bool {
	if len(s) < 1 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func sortLines(ls []Line) {
	slices.SortFunc(ls, func(a, b Line) int { return strings.Compare(a.Name, b.Name) })
}
