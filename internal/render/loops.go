package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

func runFor(f *frame, n *jinja.For) error {
	v, err := eval(f, n.Value)
	if err != nil {
		return err
	}
	return repeat(f, n, v, 0)
}

// repeat runs the body of a loop for each item of v.
func repeat(f *frame, n *jinja.For, v any, depth int) error {
	items, err := walked(f, n, v)
	if err != nil {
		return locate(f.file, n.Value.At(), err)
	}
	if len(items) == 0 {
		return f.in(f.vars.child()).walk(n.Else)
	}
	l := &loop{m: f.m, items: items, depth: depth}
	if n.Recursive {
		l.again = func(v any) (any, error) { return again(f, n, v, depth+1) }
	}
	for l.index = range items {
		if err := f.m.step(); err != nil {
			return err
		}
		sub := f.in(f.vars.child())
		if n.UsesLoop || n.Recursive {
			sub.store("loop", l)
		}
		if err := bind(sub, n.Target, items[l.index]); err != nil {
			return err
		}
		if err := sub.walk(n.Body); err != nil {
			return err
		}
	}
	return nil
}

// again is loop(v): what the loop prints for the items of v.
func again(f *frame, n *jinja.For, v any, depth int) (any, error) {
	if err := f.m.enter(); err != nil {
		return nil, err
	}
	defer f.m.leave()
	sub := f.in(f.vars.child())
	sub.out = &output{}
	err := repeat(sub, n, v, depth)
	return safely(f, sub.out.String()), err
}

// walked are the items of v that the condition lets pass. A mapping that is
// walked with two names gives its pairs.
func walked(f *frame, n *jinja.For, v any) ([]any, error) {
	if d, ok := v.(*python.Dict); ok && len(n.Target.Parts) == 2 {
		v, _ = methods.Attr(d, "items")
		view, err := v.(*python.Function).Call(python.Args{})
		if err != nil {
			return nil, err
		}
		v = view
	}
	all, err := operator.Items(v)
	if err != nil || n.Test == nil {
		return all, err
	}
	var items []any
	for _, one := range all {
		sub := f.in(f.vars.child())
		if err := bind(sub, n.Target, one); err != nil {
			return nil, err
		}
		yes, err := truth(sub, n.Test)
		if err != nil {
			return nil, err
		}
		if yes {
			items = append(items, one)
		}
	}
	return items, nil
}
