package render

import (
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// test is what follows `is`. Its parameters are written as methods.Bind reads
// them.
type test struct {
	parameters string
	undefined  bool // it takes a value that is not there
	is         func(v any, a []any) (bool, error)
}

// tests are all of Jinja's.
var tests map[string]test

func init() {
	tests = map[string]test{
		"defined":     {"", true, func(v any, _ []any) (bool, error) { return !isUndefined(v), nil }},
		"undefined":   {"", true, func(v any, _ []any) (bool, error) { return isUndefined(v), nil }},
		"filter":      {"", false, func(v any, _ []any) (bool, error) { return inNames(v, filterNames()) }},
		"test":        {"", false, func(v any, _ []any) (bool, error) { return inNames(v, testNames()) }},
		"in":          {"seq", false, func(v any, a []any) (bool, error) { return operator.Contains(a[0], v) }},
		"sameas":      {"other", false, func(v any, a []any) (bool, error) { return operator.Same(v, a[0]), nil }},
		"divisibleby": {"num", false, divisible},
		"odd":         {"", false, func(v any, _ []any) (bool, error) { return remainder(v, 1) }},
		"even":        {"", false, func(v any, _ []any) (bool, error) { return remainder(v, 0) }},
		"iterable":    {"", false, func(v any, _ []any) (bool, error) { _, err := operator.Iterate(v); return err == nil, nil }},
	}
	for name, is := range kinds {
		tests[name] = test{"", false, func(v any, _ []any) (bool, error) { return is(v), nil }}
	}
	for name, is := range map[string]func(string) bool{"lower": letters.IsLower, "upper": letters.IsUpper} {
		tests[name] = test{"", false, func(v any, _ []any) (bool, error) {
			s, err := str.Str(v)
			return is(s), err
		}}
	}
	for name, op := range comparisons {
		tests[name] = test{"/ other", false, func(v any, a []any) (bool, error) { return operator.Compare(op, v, a[0]) }}
	}
}

var comparisons = map[string]string{
	"==": "==", "eq": "==", "equalto": "==", "!=": "!=", "ne": "!=", "<": "<", "lt": "<", "lessthan": "<",
	"<=": "<=", "le": "<=", ">": ">", "gt": ">", "greaterthan": ">", ">=": ">=", "ge": ">=",
}

// kinds are the tests of what a value is.
var kinds = map[string]func(any) bool{
	"none":     func(v any) bool { return v == nil },
	"boolean":  isBool,
	"true":     func(v any) bool { return v == true },
	"false":    func(v any) bool { return v == false },
	"integer":  func(v any) bool { return num.IsWhole(v) && !isBool(v) },
	"float":    func(v any) bool { _, ok := v.(float64); return ok },
	"number":   num.IsNumber,
	"string":   python.IsText,
	"mapping":  func(v any) bool { _, ok := v.(*python.Dict); return ok },
	"sequence": isSequence,
	"callable": func(v any) bool { _, ok := v.(python.Caller); return ok || isUndefined(v) },
	"escaped":  func(v any) bool { _, ok := v.(python.Markup); return ok },
}

func isBool(v any) bool { _, ok := v.(bool); return ok }

func isUndefined(v any) bool { _, ok := v.(*python.Undefined); return ok }

// isSequence reports whether v has a length and items.
func isSequence(v any) bool {
	switch v.(type) {
	case *python.View, *loop:
		return false
	case *python.Undefined: // an if without else
		return true
	}
	_, ok := python.Len(v)
	return ok
}

func inNames(v any, names []string) (bool, error) {
	name, ok := python.Text(v)
	if !ok {
		switch v.(type) {
		case *python.List, *python.Dict:
			return false, faultf("%s is no name", python.Kind(v))
		}
	}
	return slices.Contains(names, name), nil
}

func testNamed(name string) (test, error) { return named("test", name, tests) }

// testValue is `v is name(args)`.
func testValue(name string, v any, args python.Args) (bool, error) {
	t, err := testNamed(name)
	if err != nil {
		return false, err
	}
	bound, err := methods.Bind("the test "+name, t.parameters, args)
	if err != nil {
		return false, err
	}
	if !t.undefined {
		for _, used := range append([]any{v}, bound...) {
			if err := python.Use(used); err != nil {
				return false, err
			}
		}
	}
	return t.is(v, bound)
}

func divisible(v any, a []any) (bool, error) {
	rest, err := operator.Calculate("%", v, a[0])
	if err != nil {
		return false, err
	}
	return operator.Equal(rest, 0)
}

func remainder(v any, want int) (bool, error) {
	rest, err := operator.Calculate("%", v, 2)
	if err != nil {
		return false, err
	}
	return operator.Equal(rest, want)
}

func testNames() []string { return slices.Sorted(maps.Keys(tests)) }
