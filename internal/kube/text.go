package kube

import (
	"unicode"
	"unicode/utf8"
)

// Printable reports whether s is UTF-8 text that shows what it holds: no
// control characters, none that turn the direction of text or have no width, no
// line separators. With multiline, newline and tab are fine.
func Printable(s string, multiline bool) bool {
	_, ok := unprintable(s, multiline)
	return !ok
}

// PrintableRune reports whether r shows itself: it is neither a control nor a
// format character (bidi controls, zero-width characters, byte order mark) nor
// a line or paragraph separator.
func PrintableRune(r rune) bool {
	if ' ' <= r && r <= '~' {
		return true
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// unprintable finds the first rune for which s is not Printable. It is
// utf8.RuneError where s is not UTF-8.
func unprintable(s string, multiline bool) (rune, bool) {
	for i, r := range s {
		if multiline && (r == '\n' || r == '\t') {
			continue
		}
		if !PrintableRune(r) {
			return r, true
		}
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return r, true
			}
		}
	}
	return 0, false
}
