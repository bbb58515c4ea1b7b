package manifest

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// What readers of YAML say without a line.
var (
	unknownAnchor = lazyregexp.New(`^unknown anchor '(.*)' referenced$`)
	selfAnchor    = lazyregexp.New(`^anchor '(.*)' value contains itself$`)
)

// placeless finds the line of what a reader of YAML says without one, from 0 on, and says
// it better.
func placeless(text []byte, msg string) (line int, better string) {
	at := -1
	switch anchor, itself := unknownAnchor().FindStringSubmatch(msg), selfAnchor().FindStringSubmatch(msg); {
	case anchor != nil:
		at = bytes.Index(text, []byte("*"+anchor[1]))
	case itself != nil:
		if start := bytes.Index(text, []byte("&"+itself[1])); start >= 0 {
			at = start + max(0, bytes.Index(text[start:], []byte("*"+itself[1])))
		}
	case msg == "control characters are not allowed":
		at = bytes.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r) })
		if at >= 0 {
			r := []rune(string(text[at:min(len(text), at+4)]))[0]
			msg = fmt.Sprintf(`a control character, U+%04X: in double quotes it is written "\x%02x"`, r, r)
		}
	}
	if at < 0 {
		return 0, msg
	}
	return bytes.Count(text[:at], []byte("\n")), msg
}
