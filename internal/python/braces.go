package python

import (
	"strconv"
	"strings"
)

// formatBraces is text.format(values…, name=value).
func formatBraces(self any, values []any, named *Dict) (any, error) {
	text, _ := Text(self)
	b := &braces{values: values, named: named}
	_, b.escape = self.(Markup)
	out, err := b.format(text, 2)
	if err != nil {
		return nil, err
	}
	return like(self, out), nil
}

// braces fills in the fields of one text.
type braces struct {
	values  []any
	named   *Dict
	next    int  // number of the next field without one
	counted bool // a field had no number
	chosen  bool // a field had one
	escape  bool
}

func (b *braces) format(text string, depth int) (string, error) {
	if depth == 0 {
		return "", Errorf("fields of a format nest too deep")
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
			return "", Errorf("a } in a text to format has no {")
		}
		end := fieldEnd(text, i+1)
		if end < 0 {
			return "", Errorf("a { in a text to format has no }")
		}
		field, err := b.field(text[i+1:end], depth)
		if err != nil {
			return "", err
		}
		out.WriteString(field)
		if out.Len() > MaxText {
			return "", tooLong()
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
	if err := Use(v); err != nil {
		return "", err
	}
	if how, err = b.format(how, depth-1+asInt(how == "")); err != nil {
		return "", err
	}
	if v, err = converted(v, conversion); err != nil {
		return "", err
	}
	if _, safe := v.(Markup); safe && b.escape {
		if how != "" {
			return "", Errorf("a safe text is not formatted")
		}
		return Str(v)
	}
	out, err := Format(v, how)
	if err == nil && b.escape {
		out = escapeText(out)
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
			return "", "", "", Errorf("a { stands in the name of a field to format")
		case c == ':':
			return text[:i], "", text[i+1:], nil
		case c == '!':
			rest := text[i+1:]
			if len(rest) == 0 || len(rest) > 1 && rest[1] != ':' {
				return "", "", "", Errorf("one letter stands after the ! of a field to format")
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
		return Str(v)
	case "r":
		return Repr(v)
	case "a":
		s, err := Repr(v)
		return asciiOnly(s), err
	}
	return nil, Errorf("!%s is not a way to format: there are !s, !r and !a", conversion)
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
		return nil, Errorf("there is no value %q to format", name)
	}
	if b.counted && b.chosen {
		return nil, Errorf("some fields to format have numbers, and some have none")
	}
	if number >= len(b.values) {
		return nil, Errorf("there are too few values to format")
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
			return nil, "", Errorf("%s has no %q to format", Kind(v), name)
		}
		return out, rest[1+len(name):], nil
	}
	end := strings.IndexByte(rest, ']')
	if end < 2 || end+1 < len(rest) && rest[end+1] != '.' && rest[end+1] != '[' {
		return nil, "", Errorf("a field to format has %q, which is no key", rest)
	}
	var key any = rest[1:end]
	if n, err := strconv.Atoi(rest[1:end]); err == nil && isDigit(rest[1]) {
		key = n
	}
	out, ok := GetItem(v, key)
	if !ok {
		return nil, "", Errorf("%s has no item %q to format", Kind(v), rest[1:end])
	}
	return out, rest[end+1:], nil
}
