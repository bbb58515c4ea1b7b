package methods

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

// method is a method of a type. Its parameters are written as Bind reads them.
type method struct {
	parameters string
	do         func(self any, a []any) (any, error)
}

// Attr is what v.name is in Python: a method, or an attribute. Keys of mappings
// are none.
func Attr(v any, name string) (any, bool) {
	if h, ok := v.(interface{ Attr(string) (any, bool) }); ok {
		return h.Attr(name)
	}
	if t, ok := v.(*python.Tuple); ok {
		for i, n := range t.Names {
			if n == name {
				return t.Items[i], true
			}
		}
	}
	if value, ok := numberAttr(v, name); ok {
		return value, true
	}
	m, ok := methodsOf(v)[name]
	if !ok {
		return nil, false
	}
	return &python.Function{Name: name, Method: true, Do: func(args python.Args) (any, error) {
		bound, err := Bind(name, m.parameters, args)
		if err != nil {
			return nil, err
		}
		return m.do(v, bound)
	}}, true
}

func methodsOf(v any) map[string]method {
	switch v.(type) {
	case string:
		return textMethods
	case python.Markup:
		return markupMethods
	case *python.List:
		return listMethods
	case *python.Tuple:
		return tupleMethods
	case *python.Dict:
		return dictMethods
	case *python.Range:
		return rangeMethods
	case bool, int, *big.Int:
		return wholeMethods
	case float64:
		return floatMethods
	}
	return nil
}

// MethodNames are the names of the methods of v, for those who look for one.
func MethodNames(v any) []string {
	var out []string
	for name := range methodsOf(v) {
		out = append(out, name)
	}
	return out
}

func numberAttr(v any, name string) (any, bool) {
	n, isWhole := num.Big(v)
	f, isFloat := v.(float64)
	switch {
	case isWhole && (name == "real" || name == "numerator"):
		return num.Norm(n), true
	case isWhole && name == "imag":
		return 0, true
	case isWhole && name == "denominator":
		return 1, true
	case isFloat && name == "real":
		return f, true
	case isFloat && name == "imag":
		return 0.0, true
	}
	return nil, false
}

var wholeMethods = map[string]method{
	"bit_length": {"", func(self any, _ []any) (any, error) { n, _ := num.Big(self); return n.BitLen(), nil }},
	"conjugate":  {"", func(self any, _ []any) (any, error) { n, _ := num.Big(self); return num.Norm(n), nil }},
	"as_integer_ratio": {"", func(self any, _ []any) (any, error) {
		n, _ := num.Big(self)
		return python.NewTuple(num.Norm(n), 1), nil
	}},
	"bit_count": {"", func(self any, _ []any) (any, error) {
		n, _ := num.Big(self)
		count := 0
		for i := range n.BitLen() {
			count += int(new(big.Int).Abs(n).Bit(i))
		}
		return count, nil
	}},
}

var floatMethods = map[string]method{
	"is_integer": {"", func(self any, _ []any) (any, error) {
		f := self.(float64)
		return f == math.Trunc(f) && !math.IsInf(f, 0), nil
	}},
	"conjugate": {"", func(self any, _ []any) (any, error) { return self, nil }},
	"hex":       {"", func(self any, _ []any) (any, error) { return hexFloat(self.(float64)), nil }},
	"as_integer_ratio": {"", func(self any, _ []any) (any, error) {
		r := new(big.Rat).SetFloat64(self.(float64))
		if r == nil {
			return nil, python.Errorf("%s is not a ratio", num.FormatFloat(self.(float64)))
		}
		return python.NewTuple(num.Norm(new(big.Int).Set(r.Num())), num.Norm(new(big.Int).Set(r.Denom()))), nil
	}},
}

// hexFloat writes 13 digits after the point, as Python does.
func hexFloat(f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return num.FormatFloat(f)
	}
	if f == 0 {
		if math.Signbit(f) {
			return "-0x0.0p+0"
		}
		return "0x0.0p+0"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'x', 13, 64), "p")
	power, _ := strconv.Atoi(exponent) //nolint:errcheck // it was formatted the line before
	return fmt.Sprintf("%sp%+d", mantissa, power)
}

var rangeMethods = map[string]method{
	"count": {"/ value", countItems},
	"index": {"/ value", func(self any, a []any) (any, error) { return indexItem(self, []any{a[0], missing{}, missing{}}) }},
}

var tupleMethods = map[string]method{
	"count": {"/ value", countItems},
	"index": {"/ value start= stop=", indexItem},
}

func countItems(self any, a []any) (any, error) {
	items, err := operator.Items(self)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, item := range items {
		same, err := operator.Equal(item, a[0])
		if err != nil {
			return nil, err
		}
		n += num.AsInt(same)
	}
	return n, nil
}

func indexItem(self any, a []any) (any, error) {
	items, err := operator.Items(self)
	if err != nil {
		return nil, err
	}
	first, last, err := span("index", len(items), a[1], a[2])
	if err != nil {
		return nil, err
	}
	for i := first; i < last; i++ {
		if same, err := operator.Equal(items[i], a[0]); err != nil || same {
			return i, err
		}
	}
	return nil, python.Errorf("the list has no such item")
}

// span is start and end of a part of n items, as slices have them.
func span(of string, n int, start, end any) (int, int, error) {
	for _, v := range []any{start, end} {
		if Given(v) && v != nil && !num.IsWhole(v) {
			return 0, 0, python.Errorf("%s needs whole numbers as start and end, not %s", of, python.Kind(v))
		}
	}
	first, last := 0, n
	if Given(start) && start != nil {
		first, _ = IntArg(of, start, 0) //nolint:errcheck // it is a whole number, see above
	}
	if Given(end) && end != nil {
		last, _ = IntArg(of, end, 0) //nolint:errcheck // it is a whole number, see above
	}
	if first < 0 {
		first = max(first+n, 0)
	}
	if last < 0 {
		last = max(last+n, 0)
	}
	return first, min(last, n), nil
}
