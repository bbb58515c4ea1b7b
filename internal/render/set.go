package render

import (
	"fmt"
	"strconv"
	"strings"
)

// maxIndex is the highest item that can be set by its number.
const maxIndex = 999

// ParseSet reads the argument of --set, `a.b[0]=value`, where value is a scalar
// of YAML: 8080 is a number, true a bool, null removes a default, nothing is an
// empty text. asText keeps value as it is, as --set-string does. A dot, bracket,
// = or \ that belongs to a name has a \ before it.
func ParseSet(expr string, asText bool) (Layer, error) {
	l := Layer{Name: "--set " + expr, Values: Values{}}
	if asText {
		l.Name = "--set-string " + expr
	}
	keys, rest, err := readPath(expr)
	if err != nil {
		return l, fmt.Errorf("%s: %w", l.Name, err)
	}
	value := any(rest)
	if !asText && rest != "" {
		if value, err = readScalar(rest); err != nil {
			return l, fmt.Errorf("%s: %w", l.Name, err)
		}
	}
	at := l.Values
	for _, key := range keys[:len(keys)-1] {
		next := Values{}
		at[key], at = next, next
	}
	at[keys[len(keys)-1]] = value
	return l, nil
}

func readScalar(text string) (any, error) {
	root, err := document("", []byte(text))
	if err != nil || root == nil {
		return nil, err
	}
	if len(root.Content) > 0 {
		return nil, faultf("%s is not one value: lists and mappings come from a file, with -f", text)
	}
	r := &valueReader{lines: map[string]int{}}
	return r.read(root, "", 0)
}

// readPath reads the names before the = and returns what is after it. An item
// of a list is a name of the form [N].
func readPath(expr string) ([]string, string, error) {
	var keys []string
	var name strings.Builder
	named := false // a name has begun, or an item has just ended
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch c {
		case '\\':
			if i++; i == len(expr) {
				return nil, "", faultf("a name ends in \\")
			}
			name.WriteByte(expr[i])
		case '.', '[', '=':
			if name.Len() > 0 {
				keys = append(keys, name.String())
				name.Reset()
				named = true
			}
			if !named {
				return nil, "", faultf("a name is missing before the %c at %d", c, i+1)
			}
			if c == '=' {
				return keys, expr[i+1:], checkPath(keys)
			}
			if named = c == '['; named {
				n := strings.IndexByte(expr[i:], ']')
				if n < 0 {
					return nil, "", faultf("a ] is missing")
				}
				if _, ok := itemIndex(expr[i : i+n+1]); !ok {
					return nil, "", faultf("%s is not the number of an item, from [0] to [%d]", expr[i:i+n+1], maxIndex)
				}
				keys = append(keys, expr[i:i+n+1])
				i += n
			}
		default:
			if named {
				return nil, "", faultf("a dot is missing after %s", keys[len(keys)-1])
			}
			name.WriteByte(c)
		}
	}
	return nil, "", faultf("write NAME=VALUE")
}

func checkPath(keys []string) error {
	if len(keys) > MaxNesting {
		return faultf("more than %d names", MaxNesting)
	}
	if _, ok := itemIndex(keys[0]); ok {
		return faultf("values are not a list")
	}
	return nil
}

// itemIndex is N of [N].
func itemIndex(key string) (int, bool) {
	digits, ok := strings.CutPrefix(key, "[")
	digits, closed := strings.CutSuffix(digits, "]")
	n, err := strconv.Atoi(digits)
	return n, ok && closed && err == nil && n >= 0 && n <= maxIndex && strconv.Itoa(n) == digits
}
