package render

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/kube"
)

// maxIndex is the highest item that can be set by its number.
const maxIndex = 999

// ParseSet reads the argument of --set, `a.b[0]=value`. What kind of value it is,
// Resolve says; until then it is read as where nothing is known: true, false, null
// and whole numbers of 64 bits in their shortest form are such, all else is text.
// A dot, bracket, = or \ that belongs to a name has a \ before it. Neither the
// layer's name nor an error shows the value: it may be a secret.
func ParseSet(expr string) (Layer, error) {
	l, keys, text, err := parseSetting(expr)
	if err != nil {
		return l, err
	}
	l.word = &word{text}
	l.Values = nested(keys, bare(text))
	return l, nil
}

// ParseSetString reads the argument of --set-string, whose value is text.
func ParseSetString(expr string) (Layer, error) {
	l, keys, text, err := parseSetting(expr)
	if err == nil {
		l.Values = nested(keys, text)
	}
	return l, err
}

// ParseSetJSON reads the argument of --set-json, whose value is one of JSON.
func ParseSetJSON(expr string) (Layer, error) {
	l, keys, text, err := parseSetting(expr)
	if err != nil {
		return l, err
	}
	r := &valueReader{lines: map[string]int{}}
	value, err := r.json([]byte(text))
	var ps kube.Problems
	switch {
	case errors.As(err, &ps):
		return l, fmt.Errorf("%s: %s", l.Name, ps[0].Message)
	case err != nil:
		return l, fmt.Errorf("%s: what follows the = is not one value of JSON", l.Name)
	}
	l.Values = nested(keys, value)
	return l, nil
}

// ParseSetFile reads the argument of --set-file, NAME=PATH, and by read the file, which
// is to be text.
func ParseSetFile(expr string, read func(path string) ([]byte, error)) (Layer, error) {
	l, keys, path, err := parseSetting(expr)
	if err != nil {
		return l, err
	}
	data, err := read(path)
	switch {
	case err != nil:
		return l, fmt.Errorf("%s: %w", l.Name, err)
	case len(data) > MaxSource:
		return l, fmt.Errorf("%s: %s is %d bytes, more than %d", l.Name, path, len(data), MaxSource)
	case !utf8.Valid(data):
		return l, fmt.Errorf("%s: %s is not text in UTF-8", l.Name, path)
	}
	l.Values = nested(keys, string(data))
	return l, nil
}

func parseSetting(expr string) (l Layer, keys []string, text string, err error) {
	l = Layer{Name: "setting" + nameIn(expr), Values: Values{}}
	l.keys, text, err = readPath(expr)
	if err != nil {
		err = fmt.Errorf("%s: %w", l.Name, err)
	}
	return l, l.keys, text, err
}

// nested are values that set one value.
func nested(keys []string, value any) Values {
	for _, key := range slices.Backward(keys) {
		value = Values{key: value}
	}
	return value.(Values)
}

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
