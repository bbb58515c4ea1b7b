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

// CleanError is Clean for the text of an error, which may have lines of a server's,
// a webhook's or a publisher's: each line but the first has a mark before it, so that
// none can pass for a line of ours.
func CleanError(text string) string {
	return strings.ReplaceAll(Clean(strings.TrimRight(text, "\n"), true), "\n", "\n  | ")
}
