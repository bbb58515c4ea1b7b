package render

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// tojson is Jinja's: JSON that may stand in HTML, with \u for what is not ASCII,
// keys sorted.
func tojson(_ *frame, v any, a []any) (any, error) {
	w := &jsonWriter{ascii: true}
	if methods.Given(a[0]) && a[0] != nil {
		if s, ok := python.Text(a[0]); ok {
			w.indent = s
		} else {
			n, err := methods.IntArg("the indent of tojson", a[0], 0)
			if err != nil {
				return nil, err
			}
			if n > MaxNesting {
				return nil, faultf("tojson cannot indent by %d", n)
			}
			w.indent = strings.Repeat(" ", max(n, 0))
		}
		w.lines = true
	}
	err := w.value(v, 0)
	return python.Markup(htmlJSON.Replace(w.String())), err
}

var htmlJSON = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`)

// toJSON is JSON for YAML: as it is, keys sorted.
func toJSON(_ *frame, v any, _ []any) (any, error) {
	w := &jsonWriter{finite: true}
	err := w.value(v, 0)
	return w.String(), err
}

// quoted is a value as a text in double quotes, for YAML and JSON alike.
func quoted(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	if err != nil {
		return nil, err
	}
	w := &jsonWriter{}
	w.text(s)
	return w.String(), nil
}

// jsonWriter writes JSON as Python's json module spaces it.
type jsonWriter struct {
	strings.Builder
	ascii  bool   // \u for what is not ASCII
	finite bool   // NaN and Infinity are refused
	lines  bool   // an item a line
	indent string // of one level
}

func (w *jsonWriter) value(v any, depth int) error {
	if depth > MaxNesting || w.Len() > MaxOutput {
		return faultf("a value is too long for JSON, or nests more than %d deep", MaxNesting)
	}
	if s, ok := python.Text(v); ok {
		w.text(s)
		return nil
	}
	switch v := v.(type) {
	case nil:
		w.WriteString("null")
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int, *big.Int:
		fmt.Fprint(w, v)
	case float64:
		return w.float(v)
	case *python.Dict:
		return w.mapping(v, depth)
	case *python.List:
		return w.items("[", "]", len(v.Items), depth, func(i int) error { return w.value(v.Items[i], depth+1) })
	case *python.Tuple:
		return w.items("[", "]", len(v.Items), depth, func(i int) error { return w.value(v.Items[i], depth+1) })
	case *python.Undefined:
		return v.Fault()
	default:
		return faultf("%s has no JSON", python.Kind(v))
	}
	return nil
}

func (w *jsonWriter) float(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		text := map[bool]string{true: "-Infinity", false: "Infinity"}[f < 0]
		if math.IsNaN(f) {
			text = "NaN"
		}
		if w.finite {
			return faultf("%s has no JSON", text)
		}
		w.WriteString(text)
		return nil
	}
	text, err := str.Str(f)
	w.WriteString(text)
	return err
}

func (w *jsonWriter) mapping(d *python.Dict, depth int) error {
	keys, err := operator.Sort(d.Keys(), func(v any) (any, error) { return v, nil }, false)
	if err != nil {
		return err
	}
	return w.items("{", "}", len(keys), depth, func(i int) error {
		if err := w.key(keys[i]); err != nil {
			return err
		}
		w.WriteString(": ")
		v, _, err := d.Get(keys[i])
		if err != nil {
			return err
		}
		return w.value(v, depth+1)
	})
}

// key writes a key, which is a text in JSON whatever it is.
func (w *jsonWriter) key(v any) error {
	if s, ok := python.Text(v); ok {
		w.text(s)
		return nil
	}
	switch v.(type) {
	case nil, bool, int, *big.Int, float64:
	default:
		return faultf("%s is no key in JSON", python.Kind(v))
	}
	w.WriteByte('"')
	err := w.value(v, 0)
	w.WriteByte('"')
	return err
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
		case r < ' ' || r == 0x7f:
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
