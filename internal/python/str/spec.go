package str

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
)

// spec is how a value is written: Python's format specification.
type spec struct {
	fill      string
	align     byte // < > ^ = or 0
	sign      byte // + - blank or 0
	alternate bool // #
	zero      bool // 0 before the width
	noMinus   bool // z: no -0
	width     int
	group     byte // , or _ or 0
	precision int  // -1 is none
	verb      byte // 0 is none
}

func parseSpec(text string) (spec, error) {
	s := spec{fill: " ", precision: -1}
	rest := text
	if r, n := utf8.DecodeRuneInString(rest); n > 0 && len(rest) > n && strings.IndexByte("<>^=", rest[n]) >= 0 {
		s.fill, s.align, rest = string(r), rest[n], rest[n+1:]
	} else if rest != "" && strings.IndexByte("<>^=", rest[0]) >= 0 {
		s.align, rest = rest[0], rest[1:]
	}
	take := func(set string) byte {
		if rest != "" && strings.IndexByte(set, rest[0]) >= 0 {
			c := rest[0]
			rest = rest[1:]
			return c
		}
		return 0
	}
	s.sign = take("+- ")
	s.noMinus = take("z") != 0
	s.alternate = take("#") != 0
	if take("0") != 0 {
		s.zero = true
		if s.align == 0 {
			s.fill = "0"
		}
	}
	var ok bool
	if s.width, rest, ok = number(rest, 0); !ok {
		return s, TooLong()
	}
	s.group = take(",_")
	if take(".") != 0 {
		before := rest
		if s.precision, rest, ok = number(rest, -1); !ok || rest == before {
			return s, python.Errorf("the format %q has no precision after its point", text)
		}
	}
	s.verb = take("bcdeEfFgGnosxX%")
	if rest != "" {
		return s, python.Errorf("%q is not a way to format", text)
	}
	return s, nil
}

// number reads digits. It reports false for one that is too large.
func number(text string, absent int) (int, string, bool) {
	n := 0
	for n < len(text) && num.IsDigit(text[n]) {
		n++
	}
	if n == 0 {
		return absent, text, true
	}
	v, err := strconv.Atoi(text[:n])
	return v, text[n:], err == nil && v <= python.MaxText
}

// Format is Python's format(v, how).
func Format(v any, how string) (string, error) {
	if err := python.Use(v); err != nil {
		return "", err
	}
	if how == "" {
		return Str(v)
	}
	s, err := parseSpec(how)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return s.text(v)
	case python.Markup:
		return s.text(string(v))
	case float64:
		return s.float(v)
	}
	n, ok := num.Big(v)
	if !ok {
		return "", python.Errorf("%s cannot be formatted by %q", python.Kind(v), how)
	}
	if s.verb != 0 && strings.IndexByte("eEfFgG%", s.verb) >= 0 {
		f, err := num.Float(v)
		if err != nil {
			return "", err
		}
		return s.float(f)
	}
	return s.whole(n)
}

func (s spec) text(v string) (string, error) {
	switch {
	case s.verb != 0 && s.verb != 's':
		return "", python.Errorf("a text cannot be formatted as %q", s.verb)
	case s.sign != 0 || s.alternate || s.align == '=' || s.group != 0 || s.noMinus:
		return "", python.Errorf("a text is not formatted as a number is")
	}
	if s.precision >= 0 {
		if runes := []rune(v); len(runes) > s.precision {
			v = string(runes[:s.precision])
		}
	}
	return s.pad("", v, '<'), nil
}

// pad fills up to the width. prefix is the sign, which = keeps in front.
func (s spec) pad(prefix, body string, side byte) string {
	room := max(s.width-utf8.RuneCountInString(prefix)-utf8.RuneCountInString(body), 0)
	align := s.align
	if align == 0 {
		align = side
	}
	switch align {
	case '<':
		return prefix + body + strings.Repeat(s.fill, room)
	case '^':
		return strings.Repeat(s.fill, room/2) + prefix + body + strings.Repeat(s.fill, room-room/2)
	case '=':
		return prefix + strings.Repeat(s.fill, room) + body
	}
	return strings.Repeat(s.fill, room) + prefix + body
}

// signed is the sign of a number.
func (s spec) signed(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.sign == '+' || s.sign == ' ':
		return string(s.sign)
	}
	return ""
}

func (s spec) whole(n *big.Int) (string, error) {
	base, every := 10, 3
	switch s.verb {
	case 'b':
		base, every = 2, 4
	case 'o':
		base, every = 8, 4
	case 'x', 'X':
		base, every = 16, 4
	case 'c':
		return s.character(n)
	case 0, 'd', 'n':
	default:
		return "", python.Errorf("a whole number cannot be formatted as %q", s.verb)
	}
	if s.precision >= 0 || s.noMinus {
		return "", python.Errorf("a whole number is not formatted with a precision")
	}
	if s.group == ',' && base != 10 || s.group != 0 && s.verb == 'n' {
		return "", python.Errorf("%c does not group the digits of %q", s.group, s.verb)
	}
	digits := new(big.Int).Abs(n).Text(base)
	prefix := s.signed(n.Sign() < 0)
	if s.alternate && base != 10 {
		prefix += "0" + string(s.verb)
	}
	if s.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	return s.number(prefix, digits, "", every), nil
}

func (s spec) character(n *big.Int) (string, error) {
	if s.sign != 0 || s.precision >= 0 || s.group != 0 || s.alternate || !n.IsInt64() || !utf8.ValidRune(rune(n.Int64())) || n.Int64() > utf8.MaxRune {
		return "", python.Errorf("the number is not formatted as a character")
	}
	return s.pad("", string(rune(n.Int64())), '<'), nil
}

// number puts together the digits before the point, which are grouped, and the
// rest.
func (s spec) number(prefix, digits, rest string, every int) string {
	zeros := s.zero && s.align == 0 || s.align == '=' && s.fill == "0"
	if s.group == 0 {
		if zeros {
			s.align = '='
		}
		return s.pad(prefix, digits+rest, '>')
	}
	if zeros {
		for len(grouped(digits, s.group, every))+len(prefix)+len(rest) < s.width {
			digits = "0" + digits
		}
	}
	return s.pad(prefix, grouped(digits, s.group, every)+rest, '>')
}

// grouped puts a sign between the digits.
func grouped(digits string, sign byte, every int) string {
	first := len(digits) % every
	var parts []string
	if first > 0 {
		parts = append(parts, digits[:first])
	}
	for i := first; i < len(digits); i += every {
		parts = append(parts, digits[i:i+every])
	}
	return strings.Join(parts, string(sign))
}

func (s spec) float(f float64) (string, error) {
	verb, precision := s.verb, s.precision
	switch verb {
	case 0, 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%':
	default:
		return "", python.Errorf("a floating point number cannot be formatted as %q", verb)
	}
	if s.group != 0 && verb == 'n' {
		return "", python.Errorf("%c does not group the digits of 'n'", s.group)
	}
	percent := ""
	if verb == '%' {
		f, verb, percent = f*100, 'f', "%"
	}
	body := floatDigits(math.Abs(f), verb, precision, s.alternate)
	negative := math.Signbit(f) && !math.IsNaN(f)
	if s.noMinus && strings.Trim(body, "0.") == "" {
		negative = false
	}
	n := 0
	for n < len(body) && num.IsDigit(body[n]) {
		n++
	}
	return s.number(s.signed(negative), body[:n], body[n:]+percent, 3), nil
}

// floatDigits writes a float that is not negative.
func floatDigits(f float64, verb byte, precision int, alternate bool) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		text := strings.TrimPrefix(num.FormatFloat(f), "-")
		if verb == 'E' || verb == 'F' || verb == 'G' {
			return strings.ToUpper(text)
		}
		return text
	}
	if verb == 0 && precision < 0 {
		return num.FormatFloat(f)
	}
	if precision < 0 {
		precision = 6
	}
	precision = min(precision, python.MaxText/2)
	switch verb {
	case 'e', 'E':
		return withPoint(strconv.FormatFloat(f, verb, precision, 64), precision == 0 && alternate)
	case 'f', 'F':
		return withPoint(strconv.FormatFloat(f, 'f', precision, 64), precision == 0 && alternate)
	case 'G':
		return strings.ToUpper(general(f, precision, alternate, false))
	}
	return general(f, precision, alternate, verb == 0)
}

// withPoint puts a point after the digits where # asks for one.
func withPoint(text string, point bool) string {
	if !point {
		return text
	}
	if digits, exponent, ok := strings.Cut(text, "e"); ok {
		return digits + ".e" + exponent
	}
	return text + "."
}

// general is the verb g: with an exponent where the number is very large or
// small. bare is for no verb at all, which keeps one digit after the point.
func general(f float64, precision int, alternate, bare bool) string {
	precision = max(precision, 1)
	scientific := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, power, _ := strings.Cut(scientific, "e")
	exponent, _ := strconv.Atoi(power) //nolint:errcheck // it was formatted the line before
	most := precision
	if bare {
		most = precision - 1
		if precision == 1 {
			most = 1
		}
	}
	if exponent < -4 || exponent >= most && (!bare || precision != 1 || exponent != 0) {
		if !alternate {
			mantissa = trimZeros(mantissa)
		}
		return mantissa + "e" + power
	}
	out := strconv.FormatFloat(f, 'f', max(precision-1-exponent, 0), 64)
	if alternate {
		return withPoint(out, !strings.Contains(out, "."))
	}
	out = trimZeros(out)
	if bare && !strings.Contains(out, ".") {
		out += ".0"
	}
	return out
}

func trimZeros(digits string) string {
	if !strings.Contains(digits, ".") {
		return digits
	}
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
}
