package render

import (
	"maps"
	"math"
	"slices"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// filter is what follows a |. Its parameters, besides the value, are written as
// methods.Bind reads them.
type filter struct {
	parameters string
	undefined  bool // it takes a value that is not there
	do         func(f *frame, v any, a []any) (any, error)
}

// filters are those of Jinja, but random, xmlattr and urlize, and those that
// Kubernetes manifests need.
var filters map[string]filter

func init() {
	filters = map[string]filter{}
	for _, table := range []map[string]filter{valueFilters, numberFilters, textFilters, listFilters, groupFilters, kubeFilters} {
		maps.Copy(filters, table)
	}
	for alias, name := range map[string]string{"d": "default", "count": "length", "e": "escape"} {
		filters[alias] = filters[name]
	}
}

func filterNamed(name string) (filter, error) { return named("filter", name, filters) }

// filtered is `v | name(args)`.
func filtered(f *frame, name string, v any, args python.Args) (any, error) {
	one, err := filterNamed(name)
	if err != nil {
		return nil, err
	}
	if !one.undefined {
		if err := python.Use(v); err != nil {
			return nil, err
		}
	}
	bound, err := methods.Bind(name, one.parameters, args)
	if err != nil {
		return nil, err
	}
	if err := f.m.step(); err != nil {
		return nil, err
	}
	out, err := one.do(f, v, bound)
	if err != nil {
		return nil, err
	}
	return out, f.m.fits(out)
}

var valueFilters = map[string]filter{
	"default": {"default_value= boolean=", true, defaultTo},
	"string": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		if m, ok := v.(python.Markup); ok {
			return m, nil
		}
		return str.Str(v)
	}},
	"length": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		if n, ok := python.Len(v); ok {
			return n, nil
		}
		if isUndefined(v) {
			return 0, nil
		}
		if _, ok := v.(*python.Iterator); ok {
			return nil, faultf("%s has no length: add | list before it", python.Kind(v))
		}
		return nil, faultf("%s has no length", python.Kind(v))
	}},
	"attr":   {"name", false, attrOf},
	"tojson": {"indent=", false, tojson},
	"pprint": {"", false, func(_ *frame, v any, _ []any) (any, error) { return pprint(v) }},
	"safe": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		s, err := str.Str(v)
		return python.Markup(s), err
	}},
	"escape":      {"", false, func(_ *frame, v any, _ []any) (any, error) { return str.Escape(v) }},
	"forceescape": {"", false, forceEscape},
}

func forceEscape(_ *frame, v any, _ []any) (any, error) {
	s, err := str.Str(v)
	if err != nil {
		return nil, err
	}
	return str.Escape(s)
}

func defaultTo(_ *frame, v any, a []any) (any, error) {
	var other any = ""
	if methods.Given(a[0]) {
		other = a[0]
	}
	if isUndefined(v) {
		return other, nil
	}
	boolean, err := methods.TruthArg(a[1], false)
	if err != nil || !boolean {
		return v, err
	}
	yes, err := python.Truth(v)
	if err != nil || yes {
		return v, err
	}
	return other, nil
}

func attrOf(f *frame, v any, a []any) (any, error) {
	name, err := str.Str(a[0])
	if err != nil {
		return nil, err
	}
	if u, ok := v.(*python.Undefined); ok {
		return nil, u.Fault()
	}
	if found, ok := methods.Attr(v, name); ok {
		return found, nil
	}
	return f.m.nothing("%s has no attribute %q", python.Kind(v), name), nil
}

var numberFilters = map[string]filter{
	"abs": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		negative, err := operator.Compare("<", v, 0)
		if err != nil {
			return nil, faultf("abs needs a number, not %s", python.Kind(v))
		}
		if f, ok := v.(float64); ok {
			return math.Abs(f), nil
		}
		if negative {
			return operator.Negate("-", v)
		}
		return operator.Negate("+", v)
	}},
	"int":            {"default= base=", false, toInt},
	"float":          {"default=", false, toFloat},
	"round":          {"precision= method=", false, round},
	"filesizeformat": {"binary=", false, fileSize},
}

func toInt(_ *frame, v any, a []any) (any, error) {
	var other any = 0
	if methods.Given(a[0]) {
		other = a[0]
	}
	if !python.IsText(v) {
		n, ok, err := num.ToInt(v, 10)
		if ok || err != nil {
			return n, err
		}
		return other, nil
	}
	base, err := methods.IntArg("the base of int", a[1], 10)
	if err != nil {
		return nil, err
	}
	if n, ok, err := num.ToInt(v, base); ok || err != nil {
		return n, err
	}
	number, ok, err := num.ToFloat(v)
	if !ok || err != nil {
		return other, err
	}
	if n, ok, err := num.ToInt(number, 10); ok && err == nil {
		return n, nil
	}
	return other, nil
}

func toFloat(_ *frame, v any, a []any) (any, error) {
	number, ok, err := num.ToFloat(v)
	switch {
	case ok || err != nil:
		return number, err
	case methods.Given(a[0]):
		return a[0], nil
	}
	return 0.0, nil
}

// round halves to the even number, as Python does.
func round(_ *frame, v any, a []any) (any, error) {
	method, err := methods.TextArg("the method of round", a[1], "common")
	if err != nil {
		return nil, err
	}
	var precision any = 0
	if methods.Given(a[0]) {
		precision = a[0]
	}
	switch method {
	case "common":
		return num.Round(v, precision)
	case "ceil", "floor":
	default:
		return nil, faultf("round has the methods common, ceil and floor, not %q", method)
	}
	factor, err := operator.Calculate("**", 10, precision)
	if err != nil {
		return nil, err
	}
	scaled, err := operator.Calculate("*", v, factor)
	if err != nil {
		return nil, err
	}
	whole, err := num.Whole(scaled, method == "ceil")
	if err != nil {
		return nil, err
	}
	return operator.Calculate("/", whole, factor)
}

func fileSize(_ *frame, v any, a []any) (any, error) {
	binary, err := methods.TruthArg(a[0], false)
	if err != nil {
		return nil, err
	}
	bytes, ok, err := num.ToFloat(v)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, faultf("filesizeformat needs a number, not %s", python.Kind(v))
	}
	base, marks := 1000.0, []string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if binary {
		base, marks = 1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	switch {
	case bytes == 1:
		return "1 Byte", nil
	case bytes < base:
		n, ok, err := num.ToInt(bytes, 10)
		if err != nil || !ok {
			return nil, faultf("filesizeformat needs a number that is finite")
		}
		text, err := str.Str(n)
		return text + " Bytes", err
	}
	unit := base
	for i, mark := range marks {
		if unit *= base; bytes < unit || i == len(marks)-1 {
			text, err := str.Format(base*bytes/unit, ".1f")
			return text + " " + mark, err
		}
	}
	return nil, nil
}

func filterNames() []string { return slices.Sorted(maps.Keys(filters)) }
