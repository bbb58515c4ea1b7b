package render

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

// eval gives the value of an expression. It may be undefined: who uses it says
// so.
func eval(f *frame, n expr.Expr) (any, error) {
	b := &f.m.meter
	if err := b.step(); err != nil {
		return nil, locate(f.file, n.At(), err)
	}
	if b.inside++; b.inside > maxInside {
		return nil, locate(f.file, n.At(), faultf("expressions nest more than %d deep", maxInside))
	}
	v, err := value(f, n)
	b.inside--
	if err != nil {
		return nil, locate(f.file, n.At(), err)
	}
	return v, nil
}

// value is eval without its bounds.
func value(f *frame, n expr.Expr) (any, error) {
	switch n := n.(type) {
	case *expr.Const:
		return n.Value, nil
	case *expr.Name:
		return lookUp(f, n), nil
	case *expr.Attr:
		return attribute(f, n)
	case *expr.Item:
		return item(f, n)
	case *expr.Call:
		return evalCall(f, n)
	case *expr.Filter:
		v, err := eval(f, n.X)
		if err != nil {
			return nil, err
		}
		return filterValue(f, n, v)
	case *expr.Test:
		return evalTest(f, n)
	case *expr.Cond:
		return choose(f, n)
	}
	return made(f, n)
}

// made is value for what is made of other values.
func made(f *frame, n expr.Expr) (any, error) {
	switch n := n.(type) {
	case *expr.List:
		items, err := each(f, n.Items)
		return &python.List{Items: items}, err
	case *expr.Tuple:
		items, err := each(f, n.Items)
		return python.NewTuple(items...), err
	case *expr.Dict:
		return mapping(f, n)
	case *expr.Unary:
		return unary(f, n)
	case *expr.Binary:
		return binary(f, n)
	case *expr.Concat:
		return concat(f, n)
	case *expr.Compare:
		return compare(f, n)
	}
	return nil, faultf("a slice stands where it cannot")
}

func truth(f *frame, n expr.Expr) (bool, error) {
	v, err := eval(f, n)
	if err != nil {
		return false, err
	}
	yes, err := python.Truth(v)
	return yes, locate(f.file, n.At(), err)
}

func each(f *frame, list []expr.Expr) ([]any, error) {
	items := make([]any, len(list))
	for i, n := range list {
		v, err := eval(f, n)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return items, nil
}

func mapping(f *frame, n *expr.Dict) (any, error) {
	d := python.NewDict()
	for _, pair := range n.Pairs {
		key, err := eval(f, pair.Key)
		if err != nil {
			return nil, err
		}
		v, err := eval(f, pair.Value)
		if err != nil {
			return nil, err
		}
		if err := d.Set(key, v); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func unary(f *frame, n *expr.Unary) (any, error) {
	if n.Op == "not" {
		yes, err := truth(f, n.X)
		return !yes, err
	}
	v, err := eval(f, n.X)
	if err != nil {
		return nil, err
	}
	return operator.Negate(n.Op, v)
}

func binary(f *frame, n *expr.Binary) (any, error) {
	left, err := eval(f, n.X)
	if err != nil {
		return nil, err
	}
	if n.Op == "and" || n.Op == "or" {
		yes, err := python.Truth(left)
		if err != nil || yes == (n.Op == "or") {
			return left, locate(f.file, n.X.At(), err)
		}
		return eval(f, n.Y)
	}
	right, err := eval(f, n.Y)
	if err != nil {
		return nil, err
	}
	out, err := operator.Calculate(n.Op, left, right)
	if err != nil {
		return nil, err
	}
	return out, f.m.fits(out)
}

// concat is a ~ b. Where texts are escaped, what follows a safe one is.
func concat(f *frame, n *expr.Concat) (any, error) {
	var b strings.Builder
	items, err := each(f, n.Items)
	if err != nil {
		return nil, err
	}
	safe := false
	for i, v := range items {
		text, err := joinable(v, safe)
		if err != nil {
			return nil, locate(f.file, n.Items[i].At(), err)
		}
		b.WriteString(text)
		if b.Len() > MaxOutput {
			return nil, faultf("a text would have more than %d bytes", MaxOutput)
		}
		_, isSafe := v.(python.Markup)
		safe = safe || isSafe && f.escape
	}
	var out any = b.String()
	if safe {
		out = python.Markup(b.String())
	}
	return out, f.m.fits(out)
}

func compare(f *frame, n *expr.Compare) (any, error) {
	left, err := eval(f, n.X)
	if err != nil {
		return nil, err
	}
	for _, o := range n.Rest {
		right, err := eval(f, o.X)
		if err != nil {
			return nil, err
		}
		yes, err := compared(o.Op, left, right)
		if err != nil || !yes {
			return false, err
		}
		left = right
	}
	return true, nil
}

func compared(op string, left, right any) (bool, error) {
	switch op {
	case "in":
		return operator.Contains(right, left)
	case "not in":
		yes, err := operator.Contains(right, left)
		return !yes && err == nil, err
	}
	return operator.Compare(op, left, right)
}

func choose(f *frame, n *expr.Cond) (any, error) {
	yes, err := truth(f, n.Test)
	switch {
	case err != nil:
		return nil, err
	case yes:
		return eval(f, n.Then)
	case n.Else != nil:
		return eval(f, n.Else)
	}
	return &python.Undefined{Fault: func() error { return faultf(`an "if" without "else" gives nothing: the condition is false`) }}, nil
}
