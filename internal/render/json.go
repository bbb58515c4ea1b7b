package render

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// htmlJSON is Jinja's tojson: JSON that may stand in HTML, with \u for what is
// not ASCII, keys sorted.
func htmlJSON(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	w := &jsonWriter{ascii: true, html: true}
	if n := argument(params, 0, "indent", nil); !n.IsNil() {
		if !isWhole(n) || whole(n) < 0 || whole(n) > MaxNesting {
			return nil, faultf("tojson cannot indent by %s", str(n))
		}
		w.indent = strings.Repeat(" ", whole(n))
		w.lines = true
	}
	err := w.value(in, 0)
	return exec.AsSafeValue(w.String()), err
}

// toJSON is JSON for YAML: as it is, keys sorted.
func toJSON(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	w := &jsonWriter{}
	err := w.value(in, 0)
	return exec.AsSafeValue(w.String()), err
}

// quoted is a value as a text in double quotes, for YAML and JSON alike.
func quoted(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	w := &jsonWriter{}
	w.text(str(in))
	return exec.AsSafeValue(w.String()), nil
}

// jsonWriter writes JSON as Python's json module spaces it.
type jsonWriter struct {
	strings.Builder
	ascii  bool   // \u for what is not ASCII
	html   bool   // \u for < > & '
	lines  bool   // an item a line
	indent string // of one level
}

func (w *jsonWriter) value(v *exec.Value, depth int) error {
	if depth > MaxNesting || w.Len() > MaxOutput {
		return faultf("a value is too long for JSON, or nests more than %d deep", MaxNesting)
	}
	switch {
	case v.IsNil() || asUndefined(v) != nil:
		w.WriteString("null")
	case v.IsBool():
		w.WriteString(strconv.FormatBool(v.Bool()))
	case v.IsInteger():
		w.WriteString(v.String())
	case v.IsFloat():
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return faultf("%s has no JSON", v.String())
		}
		w.WriteString(v.String())
	case v.IsString():
		w.text(v.String())
	case v.IsDict():
		return w.mapping(v, depth)
	case v.IsList():
		items, _ := itemsOf(v)
		return w.items("[", "]", len(items), depth, func(i int) error { return w.value(items[i], depth+1) })
	default:
		return faultf("%s has no JSON", kind(v))
	}
	return nil
}

func (w *jsonWriter) mapping(v *exec.Value, depth int) error {
	keys := slices.Clone(keysOf(v))
	slices.SortFunc(keys, order)
	return w.items("{", "}", len(keys), depth, func(i int) error {
		w.text(str(keys[i]))
		w.WriteString(": ")
		value, _ := item(v, keys[i])
		return w.value(value, depth+1)
	})
}

func (w *jsonWriter) items(open, end string, n, depth int, item func(int) error) error {
	w.WriteString(open)
	for i := range n {
		switch {
		case i > 0 && w.lines:
			w.WriteString(",")
		case i > 0:
			w.WriteString(", ")
		}
		w.line(depth + 1)
		if err := item(i); err != nil {
			return err
		}
	}
	if n > 0 {
		w.line(depth)
	}
	w.WriteString(end)
	return nil
}

func (w *jsonWriter) line(depth int) {
	if w.lines {
		w.WriteString("\n" + strings.Repeat(w.indent, depth))
	}
}

// escapes are those of JSON that have a letter.
var escapes = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}

func (w *jsonWriter) text(s string) {
	w.WriteByte('"')
	for _, r := range s {
		short, ok := escapes[r]
		switch {
		case ok:
			w.WriteString(short)
		case r < ' ' || r == 0x7f || w.html && strings.ContainsRune("<>&'", r):
			fmt.Fprintf(w, `\u%04x`, r)
		case w.ascii && r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(w, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case w.ascii && r > 0x7f:
			fmt.Fprintf(w, `\u%04x`, r)
		default:
			w.WriteRune(r)
		}
	}
	w.WriteByte('"')
}
