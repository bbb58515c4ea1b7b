package token

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// digits is the length of the digits at the start of text that isDigit allows,
// with a _ between two of them.
func digits(text string, isDigit func(byte) bool) int {
	n := 0
	for n < len(text) {
		switch {
		case isDigit(text[n]):
			n++
		case text[n] == '_' && n > 0 && n+1 < len(text) && isDigit(text[n+1]):
			n += 2
		default:
			return n
		}
	}
	return n
}

func isDecimal(c byte) bool { return c >= '0' && c <= '9' }

// floatLength is the length of the number with a point or an exponent at from,
// or 0. After a point there is none: a.1.5 is two items.
func floatLength(text string, from int) int {
	if from > 0 && text[from-1] == '.' {
		return 0
	}
	rest := text[from:]
	whole := digits(rest, isDecimal)
	if whole == 0 {
		return 0
	}
	n := whole
	if n < len(rest) && rest[n] == '.' {
		if part := digits(rest[n+1:], isDecimal); part > 0 {
			n += 1 + part
		}
	}
	if e := exponent(rest[n:]); e > 0 {
		return n + e
	}
	if n == whole {
		return 0
	}
	return n
}

// exponent is the length of e, a sign and digits at the start of text, or 0.
func exponent(text string) int {
	if text == "" || text[0] != 'e' && text[0] != 'E' {
		return 0
	}
	n := skipSign(text, 1)
	if d := digits(text[n:], isDecimal); d > 0 {
		return n + d
	}
	return 0
}

// based are the digits after 0b, 0o and 0x.
var based = map[byte]func(byte) bool{
	'b': func(c byte) bool { return c == '0' || c == '1' },
	'o': func(c byte) bool { return c >= '0' && c <= '7' },
	'x': func(c byte) bool { return isDecimal(c) || c|0x20 >= 'a' && c|0x20 <= 'f' },
}

// integerLength is the length of the whole number at the start of text, or 0.
// A 0 is followed by zeros only: 007 is 00 and 7.
func integerLength(text string) int {
	if text == "" || !isDecimal(text[0]) {
		return 0
	}
	if text[0] != '0' {
		return digits(text, isDecimal)
	}
	if len(text) > 2 {
		if isDigit := based[text[1]|0x20]; isDigit != nil {
			after := 2
			if text[after] == '_' {
				after++
			}
			if n := digits(text[after:], isDigit); n > 0 {
				return after + n
			}
		}
	}
	return digits(text, func(c byte) bool { return c == '0' })
}

// Integer is the value of a whole number: an int, or a *big.Int if it is larger.
func Integer(text string) any {
	n, _ := new(big.Int).SetString(strings.ReplaceAll(text, "_", ""), 0)
	switch {
	case n == nil:
		return 0
	case n.IsInt64():
		return int(n.Int64())
	}
	return n
}

// Float reads a number with a point or an exponent, as Python writes them.
func Float(text string) float64 {
	f, _ := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64) //nolint:errcheck // what is too large is infinite, to Python too
	return f
}

// plainEscapes are those of one letter.
var plainEscapes = map[byte]string{
	'n': "\n", 't': "\t", 'r': "\r", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '\n': "",
}

// unescape reads the escapes of a text in quotes. The second result says what is
// wrong with it.
func unescape(s string) (string, string) {
	if !strings.Contains(s, `\`) {
		return s, ""
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		n, fault := escape(&b, s[i+1:])
		if fault != "" {
			return "", fault
		}
		i += n
	}
	return b.String(), ""
}

// escape writes what the escape at the start of s stands for, s without its
// backslash, and returns its length.
func escape(b *strings.Builder, s string) (int, string) {
	c := s[0]
	if text, ok := plainEscapes[c]; ok {
		b.WriteString(text)
		return 1, ""
	}
	if c >= '0' && c <= '7' {
		n := 1
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			n++
		}
		code, _ := strconv.ParseUint(s[:n], 8, 32) //nolint:errcheck // these are three digits at most
		b.WriteRune(rune(code))
		return n, ""
	}
	length, coded := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if c == 'N' {
		return 0, `the escape \N is not understood: write the character itself`
	}
	if !coded {
		b.WriteByte('\\')
		return 0, ""
	}
	if len(s) <= length {
		return 0, fmt.Sprintf(`the escape \%c needs %d digits`, c, length)
	}
	code, err := strconv.ParseUint(s[1:1+length], 16, 32)
	if err != nil || !utf8.ValidRune(rune(code)) {
		return 0, fmt.Sprintf(`the escape \%s is not a character`, clip(s[:1+length]))
	}
	b.WriteRune(rune(code))
	return 1 + length, ""
}
