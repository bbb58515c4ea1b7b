package kube

import (
	"strings"
	"unicode/utf8"
)

// Clean makes text that somebody else wrote fit for a terminal: whatever is not
// Printable becomes U+FFFD, so that it can neither move the cursor nor turn nor
// hide other text. Bytes that are not UTF-8 become U+FFFD too.
func Clean(s string, multiline bool) string {
	if Printable(s, multiline) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if (multiline && (r == '\n' || r == '\t')) || PrintableRune(r) {
			return r
		}
		return utf8.RuneError
	}, s)
}
