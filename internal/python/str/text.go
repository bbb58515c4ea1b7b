package str

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/num"
)

// Str is what v prints as: Python's str(v).
func Str(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case python.Markup:
		return string(v), nil
	case *python.Undefined:
		return "", python.Use(v)
	}
	return Repr(v)
}

// Repr is what v prints as inside a list: Python's repr(v).
func Repr(v any) (string, error) {
	w := &writer{}
	if err := w.value(v, 0); err != nil {
		return "", err
	}
	return w.String(), nil
}

// writer prints values.
type writer struct{ strings.Builder }

func (w *writer) value(v any, depth int) error {
	if depth > python.MaxDepth || w.Len() > python.MaxText {
		return python.Errorf("a value is too long to print, or nests more than %d deep", python.MaxDepth)
	}
	switch v := v.(type) {
	case string:
		w.WriteString(quote(v))
	case python.Markup:
		w.WriteString("Markup(" + quote(string(v)) + ")")
	case *python.List:
		return w.Items("[", v.Items, "]", depth)
	case *python.Tuple:
		end := ")"
		if len(v.Items) == 1 {
			end = ",)"
		}
		return w.Items("(", v.Items, end, depth)
	case *python.Dict:
		return w.mapping(v, depth)
	case *python.View:
		w.WriteString("dict_" + v.Kind + "(")
		if err := w.Items("[", v.Items(), "]", depth); err != nil {
			return err
		}
		w.WriteString(")")
	case interface{ Wrapped() (string, any, string) }:
		before, inner, after := v.Wrapped()
		w.WriteString(before)
		if err := w.value(inner, depth+1); err != nil {
			return err
		}
		w.WriteString(after)
	default:
		return w.scalar(v)
	}
	return nil
}

func (w *writer) scalar(v any) error {
	switch v := v.(type) {
	case nil:
		w.WriteString("None")
	case bool:
		w.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case int:
		w.WriteString(strconv.Itoa(v))
	case *big.Int:
		w.WriteString(v.String())
	case float64:
		w.WriteString(num.FormatFloat(v))
	case *python.Range:
		fmt.Fprintf(w, "range(%d, %d", v.Start, v.Stop)
		if v.Step != 1 {
			fmt.Fprintf(w, ", %d", v.Step)
		}
		w.WriteString(")")
	case *python.Undefined:
		return v.Fault()
	case *python.Iterator:
		return python.Errorf("%s has no text: add | list", python.Kind(v))
	case *python.Function:
		return v.NoText()
	case fmt.Stringer:
		w.WriteString(v.String())
	default:
		return python.Errorf("%s has no text", python.Kind(v))
	}
	return nil
}

func (w *writer) Items(open string, items []any, end string, depth int) error {
	w.WriteString(open)
	for i, item := range items {
		if i > 0 {
			w.WriteString(", ")
		}
		if err := w.value(item, depth+1); err != nil {
			return err
		}
	}
	w.WriteString(end)
	return nil
}

func (w *writer) mapping(d *python.Dict, depth int) error {
	w.WriteString("{")
	for i, key := range d.Keys() {
		if i > 0 {
			w.WriteString(", ")
		}
		if err := w.value(key, depth+1); err != nil {
			return err
		}
		w.WriteString(": ")
		if err := w.value(d.Values()[i], depth+1); err != nil {
			return err
		}
	}
	w.WriteString("}")
	return nil
}

// quote writes a text as Python's repr does.
func quote(s string) string {
	mark := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = '"'
	}
	var b strings.Builder
	b.WriteRune(mark)
	for _, r := range s {
		switch {
		case r == mark || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(letters.Escape(r))
		}
	}
	b.WriteRune(mark)
	return b.String()
}

// htmlEscapes are those of MarkupSafe.
var htmlEscapes = strings.NewReplacer("&", "&amp;", ">", "&gt;", "<", "&lt;", "'", "&#39;", `"`, "&#34;")

// EscapeText is s as a text that may stand in HTML.
func EscapeText(s string) string { return htmlEscapes.Replace(s) }

// Escape is v as a text that may stand in HTML.
func Escape(v any) (python.Markup, error) {
	if m, ok := v.(python.Markup); ok {
		return m, nil
	}
	s, err := Str(v)
	return python.Markup(EscapeText(s)), err
}

// TooLong refuses a text of more than python.MaxText bytes.
func TooLong() error { return python.Errorf("a text would have more than %d bytes", python.MaxText) }
