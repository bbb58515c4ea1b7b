package methods

import (
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// formatBraces is text.format(values…, name=value).
func formatBraces(self any, values []any, named *python.Dict) (any, error) {
	text, _ := python.Text(self)
	b := &braces{values: values, named: named}
	_, b.escape = self.(python.Markup)
	out, err := b.format(text, 2)
	if err != nil {
		return nil, err
	}
	return python.Like(self, out), nil
}

// braces fills in the fields of one text.
type braces struct {
	values  []any
	named   *python.Dict
	next    int  // number of the next field without one
	counted bool // a field had no number
	chosen  bool // a field had one
	escape  bool
}

func (b *braces) format(text string, depth int) (string, error) {
	if depth == 0 {
		return "", python.Errorf("fields of a format nest too deep")
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c != '{' && c != '}':
			out.WriteByte(c)
			continue
		case i+1 < len(text) && text[i+1] == c && depth == 2:
			out.WriteByte(c)
			i++
			continue
		case c == '}':
			return "", python.Errorf("a } in a text to format has no {")
		}
		end := fieldEnd(text, i+1)
		if end < 0 {
			return "", python.Errorf("a { in a text to format has no }")
		}
		field, err := b.field(text[i+1:end], depth)
		if err != nil {
			return "", err
		}
		out.WriteString(field)
		if out.Len() > python.MaxText {
			return "", str.TooLong()
		}
		i = end
	}
	return out.String(), nil
}

// fieldEnd is the offset of the } that ends a field, which may hold others in its
// format, and any sign in its brackets.
func fieldEnd(text string, from int) int {
	depth, bracket := 1, false
	for i := from; i < len(text); i++ {
		switch {
		case bracket:
			bracket = text[i] != ']'
		case text[i] == '[' && depth == 1 && !strings.ContainsAny(text[from:i], ":!"):
			bracket = true
		case text[i] == '{':
			depth++
		case text[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// field writes one field, as `name!r:>5`.
func (b *braces) field(text string, depth int) (string, error) {
	name, conversion, how, err := splitField(text)
	if err != nil {
		return "", err
	}
	v, err := b.find(name)
	if err != nil {
		return "", err
	}
	if err := python.Use(v); err != nil {
		return "", err
	}
	if how, err = b.format(how, depth-1+num.AsInt(how == "")); err != nil {
		return "", err
	}
	if v, err = converted(v, conversion); err != nil {
		return "", err
	}
	if _, safe := v.(python.Markup); safe && b.escape {
		if how != "" {
			return "", python.Errorf("a safe text is not formatted")
		}
		return str.Str(v)
	}
	out, err := str.Format(v, how)
	if err == nil && b.escape {
		out = str.EscapeText(out)
	}
	return out, err
}

func splitField(text string) (name, conversion, how string, err error) {
	bracket := false
	for i := range len(text) {
		switch c := text[i]; {
		case bracket:
			bracket = c != ']'
		case c == '[':
			bracket = true
		case c == '{' || c == '}':
			return "", "", "", python.Errorf("a { stands in the name of a field to format")
		case c == ':':
			return text[:i], "", text[i+1:], nil
		case c == '!':
			rest := text[i+1:]
			if len(rest) == 0 || len(rest) > 1 && rest[1] != ':' {
				return "", "", "", python.Errorf("one letter stands after the ! of a field to format")
			}
			if len(rest) > 1 {
				how = rest[2:]
			}
			return text[:i], rest[:1], how, nil
		}
	}
	return text, "", "", nil
}

func converted(v any, conversion string) (any, error) {
	switch conversion {
	case "":
		return v, nil
	case "s":
		return str.Str(v)
	case "r":
		return str.Repr(v)
	case "a":
		s, err := str.Repr(v)
		return letters.AsciiOnly(s), err
	}
	return nil, python.Errorf("!%s is not a way to format: there are !s, !r and !a", conversion)
}

// find is the value of a field: its first name, and what is asked of that.
func (b *braces) find(name string) (any, error) {
	n := strings.IndexAny(name, ".[")
	rest := ""
	if n >= 0 {
		name, rest = name[:n], name[n:]
	}
	v, err := b.first(name)
	for err == nil && rest != "" {
		v, rest, err = step(v, rest)
	}
	return v, err
}

func (b *braces) first(name string) (any, error) {
	number, err := strconv.Atoi(name)
	switch {
	case name == "":
		number, b.counted = b.next, true
		b.next++
	case err == nil && number >= 0 && name[0] != '+':
		b.chosen = true
	default:
		if v, ok := b.named.Text(name); ok {
			return v, nil
		}
		return nil, python.Errorf("there is no value %q to format", name)
	}
	if b.counted && b.chosen {
		return nil, python.Errorf("some fields to format have numbers, and some have none")
	}
	if number >= len(b.values) {
		return nil, python.Errorf("there are too few values to format")
	}
	return b.values[number], nil
}

// step takes .name or [key] of a value.
func step(v any, rest string) (any, string, error) {
	if rest[0] == '.' {
		name := rest[1:]
		if n := strings.IndexAny(name, ".["); n >= 0 {
			name = name[:n]
		}
		out, ok := Attr(v, name)
		if !ok {
			return nil, "", python.Errorf("%s has no %q to format", python.Kind(v), name)
		}
		return out, rest[1+len(name):], nil
	}
	end := strings.IndexByte(rest, ']')
	if end < 2 || end+1 < len(rest) && rest[end+1] != '.' && rest[end+1] != '[' {
		return nil, "", python.Errorf("a field to format has %q, which is no key", rest)
	}
	var key any = rest[1:end]
	if n, err := strconv.Atoi(rest[1:end]); err == nil && num.IsDigit(rest[1]) {
		key = n
	}
	out, ok := operator.GetItem(v, key)
	if !ok {
		return nil, "", python.Errorf("%s has no item %q to format", python.Kind(v), rest[1:end])
	}
	return out, rest[end+1:], nil
}
