package render

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// directive is one %-directive of Python: %(name)s, %05.2f.
var directive = regexp.MustCompile(`%(?:\((\w+)\))?([-+ 0#]*)(\d{0,4})((?:\.\d{1,3})?)([a-zA-Z%])`)

// formatted is format(values…, name=value): the text with its %-directives
// filled in.
func formatted(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	if len(params.KwArgs) > 0 {
		named := exec.NewDict()
		for name, v := range params.KwArgs {
			put(named, exec.AsValue(name), v)
		}
		return format(str(in), exec.AsValue(named))
	}
	var values tuple
	for _, p := range params.Args {
		values = append(values, p.Interface())
	}
	return format(str(in), exec.AsValue(values))
}

// format is text % values: a tuple, a mapping, or one value.
func format(text string, values *exec.Value) (*exec.Value, error) {
	rest := []*exec.Value{values}
	if isTuple(values) {
		rest, _ = itemsOf(values)
	}
	var b strings.Builder
	last := 0
	for _, at := range directive.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		b.WriteString(text[last:at[0]])
		last = at[1]
		if part(5) == "%" {
			b.WriteString("%")
			continue
		}
		var v *exec.Value
		switch name := part(1); {
		case name != "":
			var ok bool
			if v, ok = item(values, exec.AsValue(name)); !ok {
				return nil, faultf("there is no value %q to format", name)
			}
			rest = nil
		case len(rest) == 0:
			return nil, faultf("there are too few values to format")
		default:
			v, rest = rest[0], rest[1:]
		}
		out, err := directed(part(2)+part(3)+part(4), part(5), v)
		if err != nil {
			return nil, err
		}
		b.WriteString(out)
	}
	if len(rest) > 0 && !values.IsDict() {
		return nil, faultf("there are too many values to format")
	}
	if strings.Contains(directive.ReplaceAllString(text, ""), "%") {
		return nil, faultf("a %% in a text to format has no meaning")
	}
	b.WriteString(text[last:])
	return exec.AsValue(b.String()), nil
}

// directed formats one value; how is flags, width and precision.
func directed(how, verb string, v *exec.Value) (string, error) {
	switch verb {
	case "s":
		return fmt.Sprintf("%"+how+"s", str(v)), nil
	case "r":
		return fmt.Sprintf("%"+how+"s", repr(v)), nil
	}
	if !isNumber(v) {
		return "", faultf("%%%s needs a number, not %s", verb, kind(v))
	}
	switch verb {
	case "d", "i", "u":
		return fmt.Sprintf("%"+how+"d", whole(v)), nil
	case "x", "X", "o":
		return fmt.Sprintf("%"+how+verb, whole(v)), nil
	case "f", "F", "e", "E", "g", "G":
		return fmt.Sprintf("%"+how+verb, float(v)), nil
	}
	return "", faultf("%%%s is not a way to format", verb)
}

// braces is one field of Python's str.format: {}, {0}, {name}, {0:>5}.
var braces = regexp.MustCompile(`\{\{|\}\}|\{(\w*)((?:[.\[][^{}:!]*)?)(?::([^{}]*))?\}`)

// formatBraces is "…".format(values…, name=value).
func formatBraces(s string, params *exec.VarArgs) (*exec.Value, error) {
	next, fault := 0, error(nil)
	out := braces.ReplaceAllStringFunc(s, func(field string) string {
		if field == "{{" || field == "}}" {
			return field[:1]
		}
		parts := braces.FindStringSubmatch(field)
		name := parts[1]
		if name == "" {
			name = strconv.Itoa(next)
			next++
		}
		v, ok := params.KwArgs[name]
		if i, err := strconv.Atoi(name); err == nil && i < len(params.Args) {
			v, ok = params.Args[i], true
		}
		if !ok || parts[2] != "" {
			fault = faultf("there is no value for %s", field)
			return ""
		}
		text, err := laidOut(parts[3], v)
		if err != nil {
			fault = err
		}
		return text
	})
	if fault == nil && len(out) > MaxOutput {
		fault = faultf("a text has more than %d bytes", MaxOutput)
	}
	return exec.AsValue(out), fault
}

var layout = regexp.MustCompile(`^(?:(.)?([<>^]))?(0?)(\d{0,4})((?:\.\d{1,3})?)([sdfxoXeg]?)$`)

// laidOut is a value under the format after the colon.
func laidOut(how string, v *exec.Value) (string, error) {
	m := layout.FindStringSubmatch(how)
	if m == nil {
		return "", faultf("%q is not a way to format", how)
	}
	fill, side, width := m[1], m[2], 0
	if m[4] != "" {
		width, _ = strconv.Atoi(m[4]) //nolint:errcheck // the pattern lets only digits through
	}
	text, verb := str(v), m[6]
	if verb == "" && m[5] != "" && v.IsFloat() {
		verb = "g"
	}
	if verb != "" && verb != "s" || m[5] != "" {
		if verb == "" {
			verb = "s"
		}
		var err error
		if text, err = directed(m[5], verb, v); err != nil {
			return "", err
		}
	}
	if fill == "" {
		fill = " "
		if m[3] == "0" {
			fill = "0"
		}
	}
	room := max(width-len([]rune(text)), 0)
	left := 0
	switch {
	case side == "^":
		left = room / 2
	case side == ">" || side == "" && isNumber(v):
		left = room
	}
	return strings.Repeat(fill, left) + text + strings.Repeat(fill, room-left), nil
}
