package render

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// str is what a value prints as: Python's str.
func str(v *exec.Value) string {
	if v.Val.IsValid() && v.Val.Kind() == reflect.String {
		return v.Val.String()
	}
	w := &writer{}
	w.value(v, false, 0)
	return w.String()
}

// repr is what a value prints as inside a list: Python's repr.
func repr(v *exec.Value) string {
	w := &writer{}
	w.value(v, true, 0)
	return w.String()
}

// writer prints values. What would be too long or nest too deep ends rendering:
// it panics with a fault, because gonja's functions call String, which has no
// way to fail.
type writer struct{ strings.Builder }

func (w *writer) value(v *exec.Value, quoted bool, depth int) {
	if depth > MaxNesting || w.Len() > MaxOutput {
		panic(faultf("a value is too long to print"))
	}
	switch own := v.Interface().(type) {
	case nil:
		w.WriteString("None")
		return
	case *undefined:
		return
	case *exec.Dict:
		w.mapping(own.Pairs, depth)
		return
	case function, *macro, *loop, self:
		w.WriteString("<" + strings.TrimPrefix(kind(v), "a ") + ">")
		return
	}
	value := deref(v)
	switch value.Kind() {
	case reflect.String:
		if quoted {
			w.WriteString(quote(value.String()))
		} else {
			w.WriteString(value.String())
		}
	case reflect.Slice, reflect.Array:
		w.items(v, value, depth)
	case reflect.Map:
		var pairs []*exec.Pair
		for _, key := range keysOf(v) {
			at, _ := item(v, key)
			pairs = append(pairs, &exec.Pair{Key: key, Value: at})
		}
		w.mapping(pairs, depth)
	default:
		w.WriteString(v.String())
	}
}

func (w *writer) items(v *exec.Value, value reflect.Value, depth int) {
	if b, ok := v.Interface().([]byte); ok {
		fmt.Fprintf(w, "b'%s'", b)
		return
	}
	open, end := "[", "]"
	if isTuple(v) {
		open, end = "(", ")"
		if value.Len() == 1 {
			end = ",)"
		}
	}
	w.WriteString(open)
	for i := range value.Len() {
		if i > 0 {
			w.WriteString(", ")
		}
		w.value(exec.ToValue(value.Index(i)), true, depth+1)
	}
	w.WriteString(end)
}

// isTuple reports whether v prints in parentheses: a tuple of ours or of gonja.
func isTuple(v *exec.Value) bool {
	return v.Val.IsValid() && strings.HasSuffix(strings.ToLower(v.Val.Type().Name()), "tuple") ||
		v.Val.IsValid() && strings.HasSuffix(v.Val.Type().Name(), "upleValue")
}

func (w *writer) mapping(pairs []*exec.Pair, depth int) {
	w.WriteString("{")
	for i, p := range pairs {
		if i > 0 {
			w.WriteString(", ")
		}
		w.value(p.Key, true, depth+1)
		w.WriteString(": ")
		w.value(p.Value, true, depth+1)
	}
	w.WriteString("}")
}

// quote writes a text as Python does.
func quote(s string) string {
	mark := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = `"`
	}
	var b strings.Builder
	b.WriteString(mark)
	for _, r := range s {
		switch {
		case string(r) == mark || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(mark)
	return b.String()
}

// literal is the text in quotes at a token, read from the source: gonja does not
// keep apart a backslash and an escaped one.
func (m *machine) literal(t *tokens.Token) string {
	s := m.sources[m.at.file]
	if s == nil || t.Pos >= len(s.text) {
		return t.Val
	}
	rest := s.text[t.Pos:]
	for n := 1; n < len(rest); n++ {
		switch rest[n] {
		case '\\':
			n++
		case rest[0]:
			return unescape(rest[1:n])
		}
	}
	return t.Val
}

// unescape reads the escapes of a text in quotes.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i += escape(&b, s[i+1:])
	}
	return b.String()
}

// simple are the escapes of one letter.
var simple = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '0': "\x00", '\n': ""}

// escape writes what the escape at the start of s stands for, s without its
// backslash, and returns its length.
func escape(b *strings.Builder, s string) int {
	if text, ok := simple[s[0]]; ok {
		b.WriteString(text)
		return 1
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	var r rune
	if digits > 0 && len(s) > digits {
		if n, err := fmt.Sscanf(s[1:1+digits], "%x", &r); n == 1 && err == nil {
			b.WriteRune(r)
			return 1 + digits
		}
	}
	b.WriteString(`\` + s[:1])
	return 1
}
