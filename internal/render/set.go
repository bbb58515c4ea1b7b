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
// = or \ that belongs to a name has a \ before it. Neither the layer's name nor an
// error shows the value: it may be a secret.
func ParseSet(expr string, asText bool) (Layer, error) {
	l := Layer{Name: "--set" + nameIn(expr), Values: Values{}}
	if asText {
		l.Name = "--set-string" + nameIn(expr)
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
	if err == nil && root == nil {
		return nil, nil
	}
	if err != nil || len(root.Content) > 0 {
		return nil, errNoScalar
	}
	r := &valueReader{lines: map[string]int{}}
	v, err := r.read(root, "", 0)
	if err != nil {
		return nil, errNoScalar
	}
	return v, nil
}

var errNoScalar = faultf("what follows the = is not one value of YAML: lists and mappings come from a file, with -f, and --set-string takes any text")

// nameIn is a space and what stands before the = of an argument, or nothing.
func nameIn(expr string) string {
	escaped := false
	for i, r := range expr {
		if r == '=' && !escaped {
			return " " + expr[:i]
		}
		escaped = r == '\\' && !escaped
	}
	return ""
}

// readPath reads the names before the = and returns what is after it. An item
// of a list is a name of the form [N].
func readPath(expr string) ([]string, string, error) {
	p := &pathReader{rest: expr}
	for p.rest != "" {
		c := p.rest[0]
		if strings.IndexByte(".[=", c) < 0 {
			if err := p.letter(); err != nil {
				return nil, "", err
			}
			continue
		}
		if !p.endName() {
			return nil, "", faultf("a name is missing before the %c at %d", c, len(expr)-len(p.rest)+1)
		}
		switch c {
		case '=':
			return p.keys, p.rest[1:], checkPath(p.keys)
		case '.':
			p.rest, p.named = p.rest[1:], false
		case '[':
			if err := p.item(); err != nil {
				return nil, "", err
			}
		}
	}
	return nil, "", faultf("write NAME=VALUE")
}

// pathReader reads the names of a path one after the other.
type pathReader struct {
	rest  string
	keys  []string
	name  strings.Builder
	named bool // the last of keys is complete, and no dot has followed
}

// letter reads a letter of a name.
func (p *pathReader) letter() error {
	if p.named {
		return faultf("a dot is missing after %s", p.keys[len(p.keys)-1])
	}
	if p.rest[0] == '\\' {
		p.rest = p.rest[1:]
		if p.rest == "" {
			return faultf("a name ends in \\")
		}
	}
	p.name.WriteByte(p.rest[0])
	p.rest = p.rest[1:]
	return nil
}

// endName keeps the name that was read, and reports whether there is one.
func (p *pathReader) endName() bool {
	if p.name.Len() > 0 {
		p.keys, p.named = append(p.keys, p.name.String()), true
		p.name.Reset()
	}
	return p.named
}

// item reads [N].
func (p *pathReader) item() error {
	n := strings.IndexByte(p.rest, ']')
	if n < 0 {
		return faultf("a ] is missing")
	}
	key := p.rest[:n+1]
	if _, ok := itemIndex(key); !ok {
		return faultf("what stands in brackets is not the number of an item, from [0] to [%d]", maxIndex)
	}
	p.keys, p.rest = append(p.keys, key), p.rest[n+1:]
	return nil
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
