package api

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// What the API server says of values of another kind than their fields have, in the words
// of structured-merge-diff's errors: it has no code for them, and its text is about the
// server's own variables.
var (
	preamble  = lazyregexp.New(`^failed to create typed (?:patch|live) object \([^()]*\): `)
	wrongKind = lazyregexp.New(`^\s*(\.\S+): expected (string|numeric|boolean|list|map)(?: \([^()]*\))?, got (.*)$`)
	plainGot  = lazyregexp.New(`^&(?:value\.valueUnstructured)?\{(?:Value:)?(true|false|-?[0-9]+(?:\.[0-9]+)?)\}$`)
)

var kindWords = map[string]string{"string": "a text", "numeric": "a number", "boolean": "true or false", "list": "a list", "map": "a mapping"}

// reworded gives the message of an answer in words about the manifest: which field has
// which value, and what it has to be. Other messages are given as they are.
func reworded(message string) string {
	rest := preamble().ReplaceAllString(message, "")
	if rest == message {
		return message
	}
	lines := strings.Split(strings.TrimPrefix(rest, "errors:\n"), "\n")
	for i, line := range lines {
		m := wrongKind().FindStringSubmatch(line)
		if m == nil {
			lines[i] = strings.TrimSpace(line)
			continue
		}
		lines[i] = m[1] + " " + mismatch(m[2], m[3])
	}
	return strings.Join(lines, "; ")
}

// mismatch says what a value is, and what it has to be. It shows none but numbers, true
// and false: a text may be a secret.
func mismatch(wanted, got string) string {
	words := "has to be " + kindWords[wanted]
	plain := plainGot().FindStringSubmatch(got)
	switch {
	case strings.Contains(got, "[]interface {}{"):
		got = "list"
	case strings.HasPrefix(got, "&{map["):
		got = "map"
	}
	switch {
	case plain != nil && wanted == "string":
		return "is " + plain[1] + ", and " + words + ": write it in quotes"
	case plain != nil:
		return "is " + plain[1] + ", and " + words
	case kindWords[got] != "" && got != wanted:
		return "is " + kindWords[got] + ", and " + words
	}
	return words
}
