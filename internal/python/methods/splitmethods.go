package methods

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
)

func texts(origin any, parts []string) *python.List {
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = python.Like(origin, p)
	}
	return &python.List{Items: out}
}

func split(name string, last bool) func(any, []any) (any, error) {
	return func(self any, a []any) (any, error) {
		most, err := IntArg(name, a[1], -1)
		if err != nil {
			return nil, err
		}
		s, _ := python.Text(self)
		if !Given(a[0]) || a[0] == nil {
			return texts(self, words(s, most, last)), nil
		}
		separator, err := TextArg(name, a[0], "")
		if err != nil {
			return nil, err
		}
		if separator == "" {
			return nil, python.Errorf("%s needs a separator that is not empty", name)
		}
		if strings.Count(s, separator) >= python.MaxItems {
			return nil, python.Errorf("a list would have more than %d items", python.MaxItems)
		}
		return texts(self, pieces(s, separator, most, last)), nil
	}
}

func pieces(s, separator string, most int, last bool) []string {
	parts := strings.Split(s, separator)
	if most < 0 || len(parts) <= most+1 {
		return parts
	}
	if !last {
		return append(parts[:most:most], strings.Join(parts[most:], separator))
	}
	n := len(parts) - most
	return append([]string{strings.Join(parts[:n], separator)}, parts[n:]...)
}

// words are the words of s; of more than most, the rest stays in one.
func words(s string, most int, last bool) []string {
	out := strings.FieldsFunc(s, letters.IsSpace)
	if most < 0 || len(out) <= most {
		return out
	}
	if last {
		rest := strings.TrimRightFunc(s, letters.IsSpace)
		for i := range most {
			rest = strings.TrimRightFunc(strings.TrimSuffix(rest, out[len(out)-1-i]), letters.IsSpace)
		}
		return append(headOf(rest), out[len(out)-most:]...)
	}
	rest := strings.TrimLeftFunc(s, letters.IsSpace)
	for i := range most {
		rest = strings.TrimLeftFunc(strings.TrimPrefix(rest, out[i]), letters.IsSpace)
	}
	return append(out[:most:most], headOf(rest)...)
}

func headOf(rest string) []string {
	if rest == "" {
		return nil
	}
	return []string{rest}
}

func splitLines(self any, a []any) (any, error) {
	keep, err := TruthArg(a[0], false)
	if err != nil {
		return nil, err
	}
	s, _ := python.Text(self)
	lines := Lines(s, keep)
	if len(lines) > python.MaxItems {
		return nil, python.Errorf("a list would have more than %d items", python.MaxItems)
	}
	return texts(self, lines), nil
}

// Lines are the lines of s by all the line ends that Python knows.
func Lines(s string, keepEnds bool) []string {
	var out []string
	start := 0
	for i, r := range s {
		if !isLineEnd(r) || i < start {
			continue
		}
		end := i + len(string(r))
		if r == '\r' && strings.HasPrefix(s[end:], "\n") {
			end++
		}
		if keepEnds {
			out = append(out, s[start:end])
		} else {
			out = append(out, s[start:i])
		}
		start = end
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1c && r <= 0x1e || r == 0x85 || r == 0x2028 || r == 0x2029
}

func parted(find func(string, string) int, last bool) func(any, []any) (any, error) {
	return func(self any, a []any) (any, error) {
		s, _ := python.Text(self)
		separator, err := TextArg("partition", a[0], "")
		if err != nil {
			return nil, err
		}
		if separator == "" {
			return nil, python.Errorf("partition needs a separator that is not empty")
		}
		parts := []string{s, "", ""}
		if last {
			parts = []string{"", "", s}
		}
		if at := find(s, separator); at >= 0 {
			parts = []string{s[:at], separator, s[at+len(separator):]}
		}
		return python.NewTuple(texts(self, parts).Items...), nil
	}
}
