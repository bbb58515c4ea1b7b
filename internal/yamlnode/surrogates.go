package yamlnode

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// pair is a character outside of the first 65,536 as JSON writes it in ASCII. The
// backslashes before it tell whether it is an escape.
var pair = regexp.MustCompile(`(\\*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})`)

// JoinSurrogates reads a YAML text with parse. Where that fails, pairs of \u in it, as
// JSON has them and YAML does not, are tried as the one character that they stand for.
// It gives the text that was read. In text without double quotes such a pair is what it
// says; a document that has both stays refused.
func JoinSurrogates(text []byte, parse func([]byte) (*yaml.Node, error)) ([]byte, *yaml.Node, error) {
	n, err := parse(text)
	if err == nil || !pair.Match(text) {
		return text, n, err
	}
	joined := pair.ReplaceAllFunc(text, func(found []byte) []byte {
		m := pair.FindSubmatch(found)
		if len(m[1])%2 == 1 {
			return found
		}
		high, _ := strconv.ParseUint(string(m[2]), 16, 16) //nolint:errcheck // four hexadecimal digits, by the pattern
		low, _ := strconv.ParseUint(string(m[3]), 16, 16)  //nolint:errcheck // the same
		return fmt.Appendf(bytes.Clone(m[1]), `\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
	})
	n, again := parse(joined)
	if again != nil || outsideQuotes(n) {
		return text, nil, err
	}
	return joined, n, nil
}

var joinedPair = regexp.MustCompile(`\\U00[01][0-9A-F]{5}`)

// outsideQuotes reports whether some text below n holds a joined pair as it was written.
func outsideQuotes(n *yaml.Node) bool {
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode && joinedPair.MatchString(n.Value) {
		return true
	}
	return slices.ContainsFunc(n.Content, outsideQuotes)
}
