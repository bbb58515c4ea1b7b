package methods

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// textMethod is a method of texts that gives a text for a text.
func textMethod(do func(string) string) method {
	return method{"", func(self any, _ []any) (any, error) {
		s, _ := python.Text(self)
		return python.Like(self, do(s)), nil
	}}
}

// question is a method of texts that gives True or False.
func question(is func(string) bool) method {
	return method{"", func(self any, _ []any) (any, error) {
		s, _ := python.Text(self)
		return is(s), nil
	}}
}

func ofLetters(is func(rune) bool) method {
	return question(func(s string) bool { return letters.All(s, is) })
}

var textMethods map[string]method

func init() {
	textMethods = map[string]method{
		"upper": textMethod(letters.Upper), "lower": textMethod(letters.Lower), "title": textMethod(letters.Title), "capitalize": textMethod(letters.Capitalize),
		"casefold": textMethod(letters.Fold), "swapcase": textMethod(letters.SwapCase),
		"isupper": question(letters.IsUpper), "islower": question(letters.IsLower), "istitle": question(letters.IsTitle), "isidentifier": question(letters.IsIdentifier),
		"isascii": question(letters.IsASCII), "isprintable": question(func(s string) bool { return s == "" || letters.All(s, unicode.IsPrint) }),
		"isalpha": ofLetters(unicode.IsLetter), "isalnum": ofLetters(letters.IsAlnum), "isdigit": ofLetters(letters.IsDigitLike),
		"isdecimal": ofLetters(letters.IsDecimal), "isnumeric": ofLetters(letters.IsNumeric), "isspace": ofLetters(letters.IsSpace),
		"strip": {"/ chars=", stripped(true, true)}, "lstrip": {"/ chars=", stripped(true, false)}, "rstrip": {"/ chars=", stripped(false, true)},
		"startswith": {"/ prefix start= end=", affixed("startswith", strings.HasPrefix)},
		"endswith":   {"/ suffix start= end=", affixed("endswith", strings.HasSuffix)},
		"removeprefix": {"/ prefix", func(self any, a []any) (any, error) {
			return withoutAffix(self, "removeprefix", a[0], strings.TrimPrefix)
		}},
		"removesuffix": {"/ suffix", func(self any, a []any) (any, error) {
			return withoutAffix(self, "removesuffix", a[0], strings.TrimSuffix)
		}},
		"count": {"/ sub start= end=", countText},
		"find":  {"/ sub start= end=", found("find", strings.Index, false)}, "rfind": {"/ sub start= end=", found("rfind", strings.LastIndex, false)},
		"index": {"/ sub start= end=", found("index", strings.Index, true)}, "rindex": {"/ sub start= end=", found("rindex", strings.LastIndex, true)},
		"replace": {"/ old new count=", replaceText},
		"join":    {"/ iterable", joinTexts},
		"ljust":   {"/ width fillchar=", justified("ljust", func(room, _ int) int { return 0 })},
		"rjust":   {"/ width fillchar=", justified("rjust", func(room, _ int) int { return room })},
		"center":  {"/ width fillchar=", justified("center", func(room, width int) int { return room/2 + room&width&1 })},
		"zfill":   {"/ width", zeroFilled}, "expandtabs": {"tabsize=", expandTabs},
		"split": {"sep= maxsplit=", split("split", false)}, "rsplit": {"sep= maxsplit=", split("rsplit", true)},
		"splitlines": {"keepends=", splitLines},
		"partition":  {"/ sep", parted(strings.Index, false)}, "rpartition": {"/ sep", parted(strings.LastIndex, true)},
		"format": {"* **", func(self any, a []any) (any, error) {
			return formatBraces(self, a[0].(*python.Tuple).Items, a[1].(*python.Dict))
		}},
		"format_map": {"/ mapping", func(self any, a []any) (any, error) {
			d, ok := a[0].(*python.Dict)
			if !ok {
				return nil, python.Errorf("format_map needs a mapping, not %s", python.Kind(a[0]))
			}
			return formatBraces(self, nil, d)
		}},
	}
	markupMethods = map[string]method{
		"striptags": {"", func(self any, _ []any) (any, error) { return str.StripTags(string(self.(python.Markup))), nil }},
		"unescape":  {"", func(self any, _ []any) (any, error) { return str.UnescapeHTML(string(self.(python.Markup))), nil }},
	}
	maps.Copy(markupMethods, textMethods)
}

var markupMethods map[string]method

// escaped is what takes part in a Markup, made safe for it.
func escaped(self, v any) (string, error) {
	if _, ok := self.(python.Markup); ok {
		m, err := str.Escape(v)
		return string(m), err
	}
	s, _ := python.Text(v)
	return s, nil
}

func stripped(left, right bool) func(any, []any) (any, error) {
	return func(self any, a []any) (any, error) {
		s, _ := python.Text(self)
		drop := letters.IsSpace
		if Given(a[0]) && a[0] != nil {
			set, err := TextArg("strip", a[0], "")
			if err != nil {
				return nil, err
			}
			drop = func(r rune) bool { return strings.ContainsRune(set, r) }
		}
		if left {
			s = strings.TrimLeftFunc(s, drop)
		}
		if right {
			s = strings.TrimRightFunc(s, drop)
		}
		return python.Like(self, s), nil
	}
}

// part is the part of a text between start and end, and the runes before it. It
// reports false where start is behind the end of the text.
func part(of string, self, start, end any) (string, int, bool, error) {
	s, _ := python.Text(self)
	runes := []rune(s)
	first, last, err := span(of, len(runes), start, end)
	if err != nil || first > len(runes) || first > last {
		return "", 0, false, err
	}
	return string(runes[first:last]), first, true, nil
}

func affixed(name string, has func(string, string) bool) func(any, []any) (any, error) {
	return func(self any, a []any) (any, error) {
		options := []any{a[0]}
		if t, ok := a[0].(*python.Tuple); ok {
			options = t.Items
		}
		s, _, inside, err := part(name, self, a[1], a[2])
		if err != nil {
			return nil, err
		}
		for _, o := range options {
			affix, err := TextArg(name, o, "")
			if err != nil {
				return nil, err
			}
			if inside && has(s, affix) {
				return true, nil
			}
		}
		return false, nil
	}
}

func withoutAffix(self any, name string, affix any, trim func(string, string) string) (any, error) {
	s, _ := python.Text(self)
	t, err := TextArg(name, affix, "")
	return python.Like(self, trim(s, t)), err
}

func countText(self any, a []any) (any, error) {
	sub, err := TextArg("count", a[0], "")
	if err != nil {
		return nil, err
	}
	s, _, inside, err := part("count", self, a[1], a[2])
	if err != nil || !inside {
		return 0, err
	}
	return strings.Count(s, sub), nil
}

func found(name string, find func(string, string) int, needed bool) func(any, []any) (any, error) {
	return func(self any, a []any) (any, error) {
		sub, err := TextArg(name, a[0], "")
		if err != nil {
			return nil, err
		}
		s, before, inside, err := part(name, self, a[1], a[2])
		if err != nil {
			return nil, err
		}
		if at := find(s, sub); inside && at >= 0 {
			return before + utf8.RuneCountInString(s[:at]), nil
		}
		if needed {
			return nil, python.Errorf("%s: the text is not there", name)
		}
		return -1, nil
	}
}

func replaceText(self any, a []any) (any, error) {
	old, err := TextArg("replace", a[0], "")
	if err != nil {
		return nil, err
	}
	if _, err := TextArg("replace", a[1], ""); err != nil {
		return nil, err
	}
	with, err := escaped(self, a[1])
	if err != nil {
		return nil, err
	}
	n, err := IntArg("replace", a[2], -1)
	if err != nil {
		return nil, err
	}
	s, _ := python.Text(self)
	out, err := Replace(s, old, with, n)
	return python.Like(self, out), err
}

// Replace replaces the first n, or all for a negative n, of old in s.
func Replace(s, old, with string, n int) (string, error) {
	times := strings.Count(s, old)
	if n >= 0 {
		times = min(times, n)
	}
	if len(s)+times*len(with) > python.MaxText {
		return "", str.TooLong()
	}
	return strings.Replace(s, old, with, n), nil
}

func joinTexts(self any, a []any) (any, error) {
	items, err := operator.Items(a[0])
	if err != nil {
		return nil, err
	}
	separator, _ := python.Text(self)
	var b strings.Builder
	for i, v := range items {
		if i > 0 {
			b.WriteString(separator)
		}
		s, err := TextArg("join", v, "")
		if _, safe := self.(python.Markup); safe {
			s, err = escaped(self, v)
		}
		if err != nil {
			return nil, err
		}
		if b.WriteString(s); b.Len() > python.MaxText {
			return nil, str.TooLong()
		}
	}
	return python.Like(self, b.String()), nil
}

// justified fills a text up to a width; left says how much of the room goes
// before it.
func justified(name string, left func(room, width int) int) func(any, []any) (any, error) {
	return func(self any, a []any) (any, error) {
		width, err := IntArg(name, a[0], 0)
		if err != nil {
			return nil, err
		}
		fill := " "
		if Given(a[1]) {
			if _, err := TextArg(name, a[1], ""); err != nil {
				return nil, err
			}
			if fill, err = escaped(self, a[1]); err != nil {
				return nil, err
			}
		}
		if utf8.RuneCountInString(fill) != 1 {
			return nil, python.Errorf("%s: the fill is one character", name)
		}
		s, _ := python.Text(self)
		room := width - utf8.RuneCountInString(s)
		if room <= 0 {
			return self, nil
		}
		if room > python.MaxText/len(fill) {
			return nil, str.TooLong()
		}
		before := left(room, width)
		return python.Like(self, strings.Repeat(fill, before)+s+strings.Repeat(fill, room-before)), nil
	}
}

func zeroFilled(self any, a []any) (any, error) {
	width, err := IntArg("zfill", a[0], 0)
	if err != nil {
		return nil, err
	}
	s, _ := python.Text(self)
	room := max(width-utf8.RuneCountInString(s), 0)
	if room > python.MaxText {
		return nil, str.TooLong()
	}
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') && room > 0 {
		sign, s = s[:1], s[1:]
	}
	return python.Like(self, sign+strings.Repeat("0", room)+s), nil
}

func expandTabs(self any, a []any) (any, error) {
	size, err := IntArg("expandtabs", a[0], 8)
	if err != nil {
		return nil, err
	}
	s, _ := python.Text(self)
	if size > 0 && len(s)+strings.Count(s, "\t")*size > python.MaxText {
		return nil, str.TooLong()
	}
	var b strings.Builder
	column := 0
	for _, r := range s {
		switch {
		case r == '\t' && size > 0:
			n := size - column%size
			b.WriteString(strings.Repeat(" ", n))
			column += n
			continue
		case r == '\t':
			continue
		case r == '\n' || r == '\r':
			column = -1
		}
		column++
		b.WriteRune(r)
	}
	return python.Like(self, b.String()), nil
}
