package render

import (
	"slices"

	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// lookUp is the value of a variable.
func lookUp(f *frame, n *expr.Name) any {
	if v, ok := f.vars.get(n.Name); ok {
		return v
	}
	return f.m.undefined(func() error {
		words := f.vars.names()
		if t := f.m.parsed[f.file]; t != nil {
			words = append(words, t.Names...)
		}
		if slices.Contains(words, n.Name) {
			return locate(f.file, n.At(), faultf(`%q is not defined here, although the template sets it: what a "with", "for", "block" or "macro" sets is seen only inside of it, and not before`, n.Name))
		}
		if _, ok := f.m.values.get(n.Name); ok {
			return locate(f.file, n.At(), faultf(`%q is not defined here: what is imported sees no values, unless the import says "with context"`, n.Name))
		}
		return locate(f.file, n.At(), faultf("%q is not defined%s", n.Name, suggest(n.Name, words)))
	})
}

// owner is eval for what something is asked of: it has to be there.
func owner(f *frame, n expr.Expr) (any, error) {
	v, err := eval(f, n)
	if err != nil {
		return nil, err
	}
	if u, ok := v.(*python.Undefined); ok {
		return nil, locate(f.file, n.At(), u.Fault())
	}
	return v, nil
}

// attribute is a.name: an attribute, or else an item.
func attribute(f *frame, n *expr.Attr) (any, error) {
	v, err := owner(f, n.X)
	if err != nil {
		return nil, err
	}
	if found, ok := methods.Attr(v, n.Name); ok {
		return found, nil
	}
	if found, ok := operator.GetItem(v, n.Name); ok {
		return found, nil
	}
	return absent(f, n, v, n.Name), nil
}

func item(f *frame, n *expr.Item) (any, error) {
	v, err := owner(f, n.X)
	if err != nil {
		return nil, err
	}
	if s, ok := n.Key.(*expr.Slice); ok {
		return slice(f, n, s, v)
	}
	key, err := eval(f, n.Key)
	if err != nil {
		return nil, err
	}
	if u, ok := key.(*python.Undefined); ok {
		return nil, u.Fault()
	}
	if found, ok := itemOf(v, key); ok {
		return found, nil
	}
	return absent(f, n, v, key), nil
}

// absent is undefined for the key of a value.
func absent(f *frame, n expr.Expr, v, key any) any {
	return f.m.undefined(func() error { return locate(f.file, n.At(), notThere(n, v, key)) })
}

// notThere says which key of v is missing, and the nearest of those that it has.
func notThere(n expr.Expr, v, key any) error {
	name, isText := python.Text(key)
	if !isText {
		return faultf("%q is not defined", spell(n))
	}
	if _, isDict := v.(*python.Dict); isDict {
		return faultf("%q is not defined%s", spell(n), suggest(name, keysOf(v)))
	}
	if len(methods.MethodNames(v)) == 0 {
		return faultf("%q is not defined%s", spell(n), suggest(name, methods.MethodNames(v)))
	}
	return faultf("%q is not defined: %s has no %q%s", spell(n), python.Kind(v), name, suggest(name, methods.MethodNames(v)))
}

// spell is an expression as its author wrote it, roughly.
func spell(n expr.Expr) string {
	switch n := n.(type) {
	case *expr.Name:
		return n.Name
	case *expr.Attr:
		return spell(n.X) + "." + n.Name
	case *expr.Item:
		if c, ok := n.Key.(*expr.Const); ok {
			if name, ok := c.Value.(string); ok {
				return spell(n.X) + "." + name
			}
			key, err := str.Repr(c.Value)
			if err == nil {
				return spell(n.X) + "[" + key + "]"
			}
		}
		return spell(n.X) + "[…]"
	case *expr.Call:
		return spell(n.Fn) + "()"
	}
	return "…"
}

// slice is a[low:high:step].
func slice(f *frame, n *expr.Item, s *expr.Slice, v any) (any, error) {
	var bounds [3]any
	for i, part := range []expr.Expr{s.Low, s.High, s.Step} {
		if part == nil {
			continue
		}
		at, err := eval(f, part)
		if err != nil {
			return nil, err
		}
		if err := python.Use(at); err != nil {
			return nil, err
		}
		bounds[i] = at
	}
	out, ok, err := operator.Slice(v, bounds[0], bounds[1], bounds[2])
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, faultf("%s cannot be sliced: it is %s, or a bound is no whole number", spell(n.X), python.Kind(v))
	}
	return out, f.m.fits(out)
}

// arguments are the values of a call.
func arguments(f *frame, a *expr.Args) (python.Args, error) {
	var out python.Args
	var err error
	if out.Pos, err = each(f, a.Pos); err != nil {
		return out, err
	}
	for _, n := range a.Named {
		v, err := eval(f, n.Value)
		if err != nil {
			return out, err
		}
		out.Names, out.Values = append(out.Names, n.Name), append(out.Values, v)
	}
	if a.Rest != nil {
		v, err := eval(f, a.Rest)
		if err != nil {
			return out, err
		}
		more, err := operator.Items(v)
		if err != nil {
			return out, err
		}
		out.Pos = append(out.Pos, more...)
	}
	if a.RestDict != nil {
		return out, moreNamed(f, a.RestDict, &out)
	}
	return out, nil
}

// moreNamed adds the arguments of **mapping.
func moreNamed(f *frame, n expr.Expr, out *python.Args) error {
	v, err := owner(f, n)
	if err != nil {
		return err
	}
	d, ok := v.(*python.Dict)
	if !ok {
		return faultf("** takes a mapping, not %s", python.Kind(v))
	}
	for i, key := range d.Keys() {
		name, ok := python.Text(key)
		if !ok {
			return faultf("** takes a mapping with names as keys, not %s", python.Kind(key))
		}
		if slices.Contains(out.Names, name) {
			return faultf("the argument %s is there twice", name)
		}
		out.Names, out.Values = append(out.Names, name), append(out.Values, d.Values()[i])
	}
	return nil
}

func evalCall(f *frame, n *expr.Call) (any, error) {
	fn, err := owner(f, n.Fn)
	if err != nil {
		return nil, err
	}
	args, err := arguments(f, &n.Args)
	if err != nil {
		return nil, err
	}
	return call(f, fn, n, args)
}

// call calls a value.
func call(f *frame, fn any, n *expr.Call, args python.Args) (any, error) {
	caller, ok := fn.(python.Caller)
	if !ok {
		return nil, faultf("%s is %s and cannot be called", spell(n.Fn), python.Kind(fn))
	}
	f.m.escape = f.escape
	out, err := caller.Call(args)
	if err != nil {
		return nil, err
	}
	return out, f.m.fits(out)
}

func evalTest(f *frame, n *expr.Test) (any, error) {
	v, err := eval(f, n.X)
	if err != nil {
		return nil, err
	}
	args, err := arguments(f, &n.Args)
	if err != nil {
		return nil, err
	}
	return testValue(n.Name, v, args)
}

func filterValue(f *frame, n *expr.Filter, v any) (any, error) {
	args, err := arguments(f, &n.Args)
	if err != nil {
		return nil, err
	}
	return filtered(f, n.Name, v, args)
}
