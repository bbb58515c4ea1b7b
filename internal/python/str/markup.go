package str

import (
	"html"
	"strings"

	"github.com/kpm-sh/kpm/internal/python/letters"
)

// StripTags is a text without the tags and comments of HTML, its entities as the
// characters that they stand for, and its white space as single blanks.
func StripTags(s string) string {
	s = without(s, "<!--", "-->")
	s = without(s, "<", ">")
	return UnescapeHTML(strings.Join(strings.FieldsFunc(s, letters.IsSpace), " "))
}

// without drops everything from open to end.
func without(s, open, end string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, open)
		if !ok {
			break
		}
		at := strings.Index(open+rest, end)
		if at < 0 {
			break
		}
		b.WriteString(before)
		s = (open + rest)[at+len(end):]
	}
	return b.String() + s
}

// UnescapeHTML replaces the entities of HTML, as Markup.unescape does.
func UnescapeHTML(s string) string { return html.UnescapeString(s) }
