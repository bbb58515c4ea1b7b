package render

import (
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

var groupFilters = map[string]filter{
	"map":        {"* **", true, mapped},
	"select":     {"* **", true, selector(true, false)},
	"reject":     {"* **", true, selector(false, false)},
	"selectattr": {"* **", true, selector(true, true)},
	"rejectattr": {"* **", true, selector(false, true)},
	"groupby":    {"attribute default= case_sensitive=", false, groupBy},
}

// over is an iterator that makes something of each item of v, or passes it over.
func over(name string, v any, do func(any) (any, bool, error)) *python.Iterator {
	var it *python.Iterator
	return python.NewIterator(name, func() (any, bool, error) {
		if it == nil {
			yes, err := python.Truth(v)
			if err != nil || !yes {
				return nil, false, err
			}
			if it, err = operator.Iterate(v); err != nil {
				return nil, false, err
			}
		}
		for {
			one, ok, err := it.Next()
			if err != nil || !ok {
				return nil, false, err
			}
			out, keep, err := do(one)
			if err != nil || keep {
				return out, keep, err
			}
		}
	})
}

// mapped is map(filter, …) or map(attribute=path, default=value).
func mapped(f *frame, v any, a []any) (any, error) {
	if err := python.Use(v); err != nil {
		return nil, err
	}
	args, named := a[0].(*python.Tuple).Items, a[1].(*python.Dict)
	if _, ok := named.Text("attribute"); ok && len(args) == 0 {
		return mapAttribute(f, v, named)
	}
	if len(args) == 0 {
		return over("map", v, func(any) (any, bool, error) {
			return nil, false, faultf("map needs the name of a filter, or attribute=")
		}), nil
	}
	name, err := methods.TextArg("map", args[0], "")
	if err != nil {
		return nil, err
	}
	if _, err := filterNamed(name); err != nil {
		return nil, err
	}
	rest := python.Args{Pos: args[1:], Names: textsOf(named.Keys()), Values: named.Values()}
	return over("map", v, func(one any) (any, bool, error) {
		out, err := filtered(f, name, one, rest)
		return out, true, err
	}), nil
}

func mapAttribute(f *frame, v any, named *python.Dict) (any, error) {
	attribute, _ := named.Text("attribute")
	other, _ := named.Text("default")
	for _, name := range textsOf(named.Keys()) {
		if name != "attribute" && name != "default" {
			return nil, faultf("map has no argument %q", name)
		}
	}
	p, err := newRoute(attribute)
	if err != nil {
		return nil, err
	}
	return over("map", v, func(one any) (any, bool, error) {
		out, err := p.of(f, one, other)
		if err == nil {
			err = python.Use(out)
		}
		return out, true, err
	}), nil
}

// selector is select and reject, and with an attribute selectattr and
// rejectattr.
func selector(keep, byAttribute bool) func(*frame, any, []any) (any, error) {
	return func(f *frame, v any, a []any) (any, error) {
		if err := python.Use(v); err != nil {
			return nil, err
		}
		args, named := a[0].(*python.Tuple).Items, a[1].(*python.Dict)
		var p route
		if byAttribute {
			if len(args) == 0 {
				return nil, faultf("the name of an attribute is missing")
			}
			var err error
			if p, err = newRoute(args[0]); err != nil {
				return nil, err
			}
			args = args[1:]
		}
		passes, err := condition(args, named)
		if err != nil {
			return nil, err
		}
		return over("select", v, func(one any) (any, bool, error) {
			subject, err := p.of(f, one, nil)
			if err != nil {
				return nil, false, err
			}
			if err := f.m.step(); err != nil {
				return nil, false, err
			}
			yes, err := passes(subject)
			return one, yes == keep && err == nil, err
		}), nil
	}
}

// condition is the test that args name; none is the truth of a value.
func condition(args []any, named *python.Dict) (func(any) (bool, error), error) {
	if len(args) == 0 {
		return python.Truth, nil
	}
	name, err := methods.TextArg("the name of a test", args[0], "")
	if err != nil {
		return nil, err
	}
	if _, err := testNamed(name); err != nil {
		return nil, err
	}
	rest := python.Args{Pos: args[1:], Names: textsOf(named.Keys()), Values: named.Values()}
	return func(v any) (bool, error) { return testValue(name, v, rest) }, nil
}

// groupBy gives pairs of a key and the items that have it, sorted by the key.
func groupBy(f *frame, v any, a []any) (any, error) {
	p, err := newRoute(a[0])
	if err != nil {
		return nil, err
	}
	var other any
	if methods.Given(a[1]) {
		other = a[1]
	}
	sensitive, err := methods.TruthArg(a[2], false)
	if err != nil {
		return nil, err
	}
	key := func(one any) (any, error) {
		k, err := p.of(f, one, other)
		if s, ok := python.Text(k); ok && !sensitive {
			return letters.Lower(s), err
		}
		return k, err
	}
	items, err := operator.Items(v)
	if err != nil {
		return nil, err
	}
	if items, err = operator.Sort(items, key, false); err != nil {
		return nil, err
	}
	return groups(items, key, func(one any) (any, error) { return p.of(f, one, other) })
}

// groups puts neighbours with the same key together. The key of a group is that
// of its first item, as it is written there.
func groups(items []any, key, written func(any) (any, error)) (any, error) {
	out := &python.List{}
	var members *python.List
	var before any
	for i, one := range items {
		k, err := key(one)
		if err != nil {
			return nil, err
		}
		same := false
		if i > 0 {
			if same, err = operator.Equal(before, k); err != nil {
				return nil, err
			}
		}
		if before = k; same {
			members.Items = append(members.Items, one)
			continue
		}
		name, err := written(one)
		if err != nil {
			return nil, err
		}
		if err := python.Use(name); err != nil {
			return nil, err
		}
		members = python.NewList(one)
		out.Items = append(out.Items, &python.Tuple{Items: []any{name, members}, Names: []string{"grouper", "list"}})
	}
	return out, nil
}
