package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
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
	if err := kube.ValidName(r.Name); err != nil {
		return err
	}
	switch {
	case r.Rev < 1:
		return errors.New("rev is below 1")
	case !r.Doc.SHA256.Valid() || r.Doc.Size < 1 || r.Doc.Size > MaxDocument:
		return errors.New("doc names no document")
	case r.Gone == "" && (r.Version == "" || r.Built.IsZero()):
		return errors.New("version or built is missing")
	}
	return nil
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
