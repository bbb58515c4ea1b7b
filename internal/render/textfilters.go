package render

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// ofText is a filter that makes a text of what it gets first.
func ofText(do func(string) (string, error)) filter {
	return filter{"", false, func(_ *frame, v any, _ []any) (any, error) { return mapText(v, do) }}
}

func plainly(do func(string) string) func(string) (string, error) {
	return func(s string) (string, error) { return do(s), nil }
}

// mapText runs do on the text of v; of a safe text it makes a safe one.
func mapText(v any, do func(string) (string, error)) (any, error) {
	s, err := str.Str(v)
	if err != nil {
		return nil, err
	}
	out, err := do(s)
	if _, ok := v.(python.Markup); ok {
		return python.Markup(out), err
	}
	return out, err
}

// method calls a method of the text of v.
func method(v any, name string, args ...any) (any, error) {
	if !python.IsText(v) {
		s, err := str.Str(v)
		if err != nil {
			return nil, err
		}
		v = s
	}
	fn, _ := methods.Attr(v, name)
	for len(args) > 0 && !methods.Given(args[len(args)-1]) {
		args = args[:len(args)-1]
	}
	return fn.(python.Caller).Call(python.Args{Pos: args})
}

var textFilters = map[string]filter{
	"upper":      ofText(plainly(letters.Upper)),
	"lower":      ofText(plainly(letters.Lower)),
	"capitalize": ofText(plainly(letters.Capitalize)),
	"title":      {"", false, titled},
	"trim":       {"chars=", false, func(_ *frame, v any, a []any) (any, error) { return method(v, "strip", a...) }},
	"center": {"width=", false, func(_ *frame, v any, a []any) (any, error) {
		if !methods.Given(a[0]) {
			a[0] = 80
		}
		return method(v, "center", a...)
	}},
	"replace":   {"old new count=", false, replace},
	"indent":    {"width= first= blank=", false, indent},
	"truncate":  {"length= killwords= end= leeway=", false, truncate},
	"wordwrap":  {"width= break_long_words= wrapstring= break_on_hyphens=", false, wordWrap},
	"wordcount": {"", false, wordCount},
	"striptags": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		s, err := str.Str(v)
		return str.StripTags(s), err
	}},
	"urlencode": {"", false, urlEncode},
	"format":    {"* **", false, format},
}

// titled makes the first letter of each word a capital. Words begin after white
// space, hyphens and opening brackets.
func titled(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	start, inWord := 0, false
	flush := func(end int) {
		if part := s[start:end]; part != "" {
			_, size := firstRune(part)
			b.WriteString(letters.Upper(part[:size]) + letters.Lower(part[size:]))
		}
		start = end
	}
	for i, r := range s {
		begins := isSpace(r) || strings.ContainsRune("-({[<", r)
		if begins != inWord || i == 0 {
			if i > 0 {
				flush(i)
			}
			inWord = begins
		}
	}
	flush(len(s))
	return b.String(), nil
}

func firstRune(s string) (rune, int) {
	for i, r := range s {
		if i == 0 {
			return r, len(string(r))
		}
	}
	return 0, 0
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func replace(f *frame, v any, a []any) (any, error) {
	n, err := -1, error(nil)
	if methods.Given(a[2]) && a[2] != nil {
		if n, err = methods.IntArg("replace", a[2], -1); err != nil {
			return nil, err
		}
	}
	if f.escape {
		return method(v, "replace", a[0], a[1], n)
	}
	var parts [3]string
	for i, part := range []any{v, a[0], a[1]} {
		if parts[i], err = str.Str(part); err != nil {
			return nil, err
		}
	}
	return methods.Replace(parts[0], parts[1], parts[2], n)
}

func indent(_ *frame, v any, a []any) (any, error) {
	s, ok := python.Text(v)
	if !ok {
		return nil, faultf("indent needs a text, not %s", python.Kind(v))
	}
	by, err := indention(a[0])
	if err != nil {
		return nil, err
	}
	first, err := methods.TruthArg(a[1], false)
	if err != nil {
		return nil, err
	}
	blank, err := methods.TruthArg(a[2], false)
	if err != nil {
		return nil, err
	}
	lines := methods.Lines(s+"\n", false)
	if len(s)+len(lines)*len(by) > MaxOutput {
		return nil, faultf("a text has more than %d bytes", MaxOutput)
	}
	for i, line := range lines {
		if i == 0 && first || i > 0 && (blank || line != "") {
			lines[i] = by + line
		}
	}
	out := strings.Join(lines, "\n")
	if _, ok := v.(python.Markup); ok {
		return python.Markup(out), nil
	}
	return out, nil
}

func indention(width any) (string, error) {
	if s, ok := python.Text(width); ok {
		return s, nil
	}
	n, err := methods.IntArg("the width of indent", width, 4)
	if err != nil {
		return "", err
	}
	if n > maxWidth {
		return "", faultf("%d is more than %d", n, maxWidth)
	}
	return strings.Repeat(" ", max(n, 0)), nil
}

func truncate(_ *frame, v any, a []any) (any, error) {
	length, err := methods.IntArg("the length of truncate", a[0], 255)
	if err != nil {
		return nil, err
	}
	kill, err := methods.TruthArg(a[1], false)
	if err != nil {
		return nil, err
	}
	end, err := methods.TextArg("the end of truncate", a[2], "...")
	if err != nil {
		return nil, err
	}
	leeway := 5
	if methods.Given(a[3]) && a[3] != nil {
		if leeway, err = methods.IntArg("the leeway of truncate", a[3], 5); err != nil {
			return nil, err
		}
	}
	tail := utf8.RuneCountInString(end)
	if length < tail || leeway < 0 {
		return nil, faultf("truncate needs a length of at least %d, and a leeway of at least 0", tail)
	}
	if n, ok := python.Len(v); ok && n <= length+leeway {
		return v, nil
	}
	s, ok := python.Text(v)
	if !ok {
		return nil, faultf("truncate needs a text, not %s", python.Kind(v))
	}
	return shortened(v, string([]rune(s)[:length-tail]), kill, textOr(a[2], end))
}

// shortened is the start of a text, up to a blank unless words may be cut, with an
// end.
func shortened(v any, start string, kill bool, end any) (any, error) {
	if at := strings.LastIndex(start, " "); !kill && at >= 0 {
		start = start[:at]
	}
	if _, ok := v.(python.Markup); ok {
		return operator.Calculate("+", python.Markup(start), end)
	}
	return operator.Calculate("+", start, end)
}

// textOr is a text as it was given, so that a safe one stays safe, or its default.
func textOr(given any, absent string) any {
	if methods.Given(given) {
		return given
	}
	return absent
}

func wordWrap(_ *frame, v any, a []any) (any, error) {
	s, ok := python.Text(v)
	if !ok {
		return nil, faultf("wordwrap needs a text, not %s", python.Kind(v))
	}
	width, err := methods.IntArg("the width of wordwrap", a[0], 79)
	if err != nil {
		return nil, err
	}
	long, err := methods.TruthArg(a[1], true)
	if err != nil {
		return nil, err
	}
	with := "\n"
	if a[2] != nil {
		if with, err = methods.TextArg("the wrapstring of wordwrap", a[2], "\n"); err != nil {
			return nil, err
		}
	}
	hyphens := a[3] == true || !methods.Given(a[3])
	var lines []string
	for _, line := range methods.Lines(s, false) {
		parts, err := str.Wrap(line, width, long, hyphens)
		if err != nil {
			return nil, err
		}
		lines = append(lines, strings.Join(parts, with))
	}
	return strings.Join(lines, with), nil
}

func wordCount(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	return len(strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})), err
}

// urlEncode escapes for an address: a text with its slashes, a mapping or pairs
// as a query.
func urlEncode(_ *frame, v any, _ []any) (any, error) {
	d, isDict := v.(*python.Dict)
	if isDict {
		v = python.NewTuple(pairsOf(d)...)
	} else if _, err := operator.Iterate(v); err != nil || python.IsText(v) {
		s, err := str.Str(v)
		return quoteURL(s, "/"), err
	}
	items, err := operator.Items(v)
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, pair := range items {
		two, err := operator.Items(pair)
		if err != nil {
			return nil, err
		}
		if len(two) != 2 {
			return nil, faultf("urlencode needs a text, a mapping or pairs")
		}
		key, err := str.Str(two[0])
		if err != nil {
			return nil, err
		}
		value, err := str.Str(two[1])
		if err != nil {
			return nil, err
		}
		parts = append(parts, quoteURL(key, "")+"="+quoteURL(value, ""))
	}
	return strings.Join(parts, "&"), nil
}

// quoteURL keeps letters, digits and _.-~ and what is in safe. In a query a blank
// is a +.
func quoteURL(s, safe string) string {
	out := strings.ReplaceAll(url.QueryEscape(s), "%7E", "~")
	if safe == "/" {
		return strings.ReplaceAll(strings.ReplaceAll(out, "+", "%20"), "%2F", "/")
	}
	return out
}

// format is format(values…, name=value): the text with its %-directives filled
// in.
func format(_ *frame, v any, a []any) (any, error) {
	if !python.IsText(v) {
		s, err := str.Str(v)
		if err != nil {
			return nil, err
		}
		v = s
	}
	values, named := a[0].(*python.Tuple), a[1].(*python.Dict)
	if len(values.Items) > 0 && named.Len() > 0 {
		return nil, faultf("format takes values with names, or without, not both")
	}
	if named.Len() > 0 {
		return str.FormatPercent(v, named)
	}
	return str.FormatPercent(v, values)
}
