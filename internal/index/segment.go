package index

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/gzipped"
)

// Object is stored bytes that the index reaches by their digest.
type Object struct {
	Ref
	Data []byte
}

func newObject(data []byte) Object {
	return Object{RefOf(data), data}
}

// encodeSegment writes the segment (from, to] of the given lines: those with
// from < rev ≤ to, ascending by name. It is a function of the lines alone.
func encodeSegment(lines []Line, from, to int64) (Segment, []Object, error) {
	var in []Line
	for _, l := range lines {
		if l.Rev > from && l.Rev <= to {
			in = append(in, l)
		}
	}
	sortLines(in)
	seg := Segment{From: from, To: to, Parts: []Part{}}
	var objects []Object
	var raw bytes.Buffer
	var first string
	flush := func() error {
		if raw.Len() == 0 {
			return nil
		}
		data, err := gzipped.Pack(raw.Bytes())
		if err != nil {
			return fmt.Errorf("writing segment (%d,%d]: %w", from, to, err)
		}
		o := newObject(data)
		seg.Parts = append(seg.Parts, Part{o.SHA256, o.Size, int64(raw.Len()), first})
		objects = append(objects, o)
		raw.Reset()
		return nil
	}
	for _, l := range in {
		if raw.Len()+len(l.Raw)+1 > targetPart {
			if err := flush(); err != nil {
				return Segment{}, nil, err
			}
		}
		if raw.Len() == 0 {
			first = l.Name
		}
		raw.Write(l.Raw)
		raw.WriteByte('\n')
	}
	return seg, objects, flush()
}

// DecodePart reads part i of segment s. Its lines ascend by name, from the part's
// First to below that of the next part, and their rev lies in the segment's
// range. The caller has checked sha256 and size.
func DecodePart(s Segment, i int, data []byte) ([]Line, error) {
	lines, err := s.decode(i, data)
	if err != nil {
		return nil, fmt.Errorf("reading part %d of segment (%d,%d]: %w", i+1, s.From, s.To, err)
	}
	return lines, nil
}

func (s Segment) decode(i int, data []byte) ([]Line, error) {
	p := s.Parts[i]
	raw, err := unzip(data, p.Raw)
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) != p.Raw {
		return nil, fmt.Errorf("%w: %d bytes raw, the head says %d", ErrFormat, len(raw), p.Raw)
	}
	lines := make([]Line, 0, bytes.Count(raw, []byte{'\n'}))
	for rest := raw; len(rest) > 0; {
		one, after, found := bytes.Cut(rest, []byte{'\n'})
		if !found {
			return nil, fmt.Errorf("%w: the last line has no end", ErrFormat)
		}
		l, err := DecodeLine(slices.Clip(one))
		if err != nil {
			return nil, err
		}
		if l.Rev <= s.From || l.Rev > s.To {
			return nil, fmt.Errorf("%w: %s has rev %d", ErrFormat, l.Name, l.Rev)
		}
		if n := len(lines); n > 0 && lines[n-1].Name >= l.Name {
			return nil, fmt.Errorf("%w: %s does not come after %s", ErrFormat, l.Name, lines[n-1].Name)
		}
		lines = append(lines, l)
		rest = after
	}
	return lines, s.checkNames(i, lines)
}

// checkNames holds the lines of part i against what the head says of this part
// and the next one.
func (s Segment) checkNames(i int, lines []Line) error {
	if len(lines) == 0 {
		return fmt.Errorf("%w: it is empty", ErrFormat)
	}
	if first := lines[0].Name; first != s.Parts[i].First {
		return fmt.Errorf("%w: its first record is of %s, the head says %s", ErrFormat, first, s.Parts[i].First)
	}
	if last := lines[len(lines)-1].Name; i+1 < len(s.Parts) && last >= s.Parts[i+1].First {
		return fmt.Errorf("%w: its last record is of %s, and the next part begins with %s", ErrFormat, last, s.Parts[i+1].First)
	}
	return nil
}

// unzip unpacks one gzip member of at most limit bytes, and nothing after it.
func unzip(data []byte, limit int64) ([]byte, error) {
	raw, err := gzipped.Unpack(data, limit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return raw, nil
}
