package operator

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
)

// comparison compares values that may be large.
type comparison struct{ left int }

func newComparison() *comparison { return &comparison{2 * python.MaxItems} }

func (c *comparison) count(depth int) error {
	if c.left--; c.left < 0 || depth > python.MaxDepth {
		return python.Errorf("values are too large to be compared")
	}
	return nil
}

// Equal reports whether two values are equal.
func Equal(a, b any) (bool, error) { return newComparison().equal(a, b, 0) }

func (c *comparison) equal(a, b any, depth int) (bool, error) {
	if err := c.count(depth); err != nil {
		return false, err
	}
	if err := python.Use(a); err != nil {
		return false, err
	}
	if err := python.Use(b); err != nil {
		return false, err
	}
	if num.IsNumber(a) && num.IsNumber(b) {
		n, ok := compareNumbers(a, b)
		return ok && n == 0, nil
	}
	switch x := a.(type) {
	case string, python.Markup:
		s, _ := python.Text(a)
		t, ok := python.Text(b)
		return ok && s == t, nil
	case *python.List:
		y, ok := b.(*python.List)
		if !ok {
			return false, nil
		}
		return c.equalItems(x.Items, y.Items, depth)
	case *python.Tuple:
		y, ok := b.(*python.Tuple)
		if !ok {
			return false, nil
		}
		return c.equalItems(x.Items, y.Items, depth)
	case *python.Dict:
		y, ok := b.(*python.Dict)
		if !ok {
			return false, nil
		}
		return c.equalDicts(x, y, depth)
	}
	return c.equalOthers(a, b, depth)
}

func (c *comparison) equalOthers(a, b any, depth int) (bool, error) {
	switch x := a.(type) {
	case *python.Undefined:
		_, ok := b.(*python.Undefined)
		return ok, nil
	case *python.Range:
		y, ok := b.(*python.Range)
		return ok && x.Len() == y.Len() && (x.Len() == 0 || x.Start == y.Start && (x.Len() == 1 || x.Step == y.Step)), nil
	case *python.View:
		y, ok := b.(*python.View)
		if ok && x.Kind == y.Kind && x.Kind != "values" {
			return c.equalDicts(asDict(x), asDict(y), depth)
		}
	}
	return a == b, nil
}

// asDict has the items of keys or items as keys.
func asDict(v *python.View) *python.Dict {
	out := python.NewDict()
	for _, item := range v.Items() {
		_ = out.Set(item, nil) //nolint:errcheck // an item that cannot be a key is left out: it is equal to nothing
	}
	return out
}

func (c *comparison) equalItems(a, b []any, depth int) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if same, err := c.equal(a[i], b[i], depth+1); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

func (c *comparison) equalDicts(a, b *python.Dict, depth int) (bool, error) {
	if a.Len() != b.Len() {
		return false, nil
	}
	for i, key := range a.Keys() {
		other, ok, err := b.Get(key)
		if err != nil || !ok {
			return false, err
		}
		if same, err := c.equal(a.Values()[i], other, depth+1); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// compareNumbers is negative, zero or positive, exactly. It reports false for
// what has no order: nan.
func compareNumbers(a, b any) (int, bool) {
	x, isFloat := a.(float64)
	y, alsoFloat := b.(float64)
	if isFloat && math.IsNaN(x) || alsoFloat && math.IsNaN(y) {
		return 0, false
	}
	switch {
	case isFloat && alsoFloat:
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	case isFloat:
		n, _ := num.Big(b)
		return compareFloat(x, n), true
	case alsoFloat:
		n, _ := num.Big(a)
		return -compareFloat(y, n), true
	}
	m, _ := num.Big(a)
	n, _ := num.Big(b)
	return m.Cmp(n), true
}

func compareFloat(f float64, n *big.Int) int {
	if math.IsInf(f, 0) {
		return int(math.Copysign(1, f))
	}
	return new(big.Rat).SetFloat64(f).Cmp(new(big.Rat).SetInt(n))
}

// Compare is left op right, for == != < <= > >=.
func Compare(op string, left, right any) (bool, error) {
	switch op {
	case "==":
		return Equal(left, right)
	case "!=":
		same, err := Equal(left, right)
		return !same && err == nil, err
	}
	return newComparison().ordered(op, left, right, 0)
}

func (c *comparison) ordered(op string, a, b any, depth int) (bool, error) {
	if err := c.count(depth); err != nil {
		return false, err
	}
	for _, v := range []any{a, b} {
		if u, ok := v.(*python.Undefined); ok {
			return false, u.Fault()
		}
	}
	if num.IsNumber(a) && num.IsNumber(b) {
		n, ok := compareNumbers(a, b)
		return ok && holds(op, n), nil
	}
	s, ok := python.Text(a)
	if t, also := python.Text(b); ok && also {
		return holds(op, strings.Compare(s, t)), nil // UTF-8 sorts as code points do
	}
	if sameKind(a, b) {
		return c.orderedItems(op, itemsOf(a), itemsOf(b), depth)
	}
	return false, python.Errorf("%s cannot be compared with %s", python.Kind(a), python.Kind(b))
}

func sameKind(a, b any) bool {
	_, list := a.(*python.List)
	_, also := b.(*python.List)
	_, isTuple := a.(*python.Tuple)
	_, alsoTuple := b.(*python.Tuple)
	return list && also || isTuple && alsoTuple
}

func holds(op string, n int) bool {
	switch op {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	}
	return n >= 0
}

func (c *comparison) orderedItems(op string, a, b []any, depth int) (bool, error) {
	for i := range min(len(a), len(b)) {
		same, err := c.equal(a[i], b[i], depth+1)
		if err != nil {
			return false, err
		}
		if !same {
			return c.ordered(op, a[i], b[i], depth+1)
		}
	}
	return holds(op, len(a)-len(b)), nil
}

// Sort sorts items by their keys, those with equal keys as they were.
func Sort(items []any, key func(any) (any, error), reverse bool) ([]any, error) {
	type keyed struct{ key, item any }
	all := make([]keyed, len(items))
	for i, item := range items {
		k, err := key(item)
		if err != nil {
			return nil, err
		}
		all[i] = keyed{k, item}
	}
	if reverse {
		slices.Reverse(all)
	}
	var fault error
	less := func(a, b any) bool {
		if fault != nil {
			return false
		}
		yes, err := Compare("<", a, b)
		fault = err
		return yes && err == nil
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		switch {
		case less(a.key, b.key):
			return -1
		case less(b.key, a.key):
			return 1
		}
		return 0
	})
	if reverse {
		slices.Reverse(all)
	}
	out := make([]any, len(all))
	for i := range all {
		out[i] = all[i].item
	}
	return out, fault
}

// Contains is `v in in`.
func Contains(in, v any) (bool, error) {
	if u, ok := in.(*python.Undefined); ok {
		return false, python.Use(u)
	}
	if s, ok := python.Text(in); ok {
		if err := python.Use(v); err != nil {
			return false, err
		}
		part, ok := python.Text(v)
		if !ok {
			return false, python.Errorf("%s cannot be in a text", python.Kind(v))
		}
		return strings.Contains(s, part), nil
	}
	if d, ok := in.(*python.Dict); ok {
		_, found, err := d.Get(v)
		return found, err
	}
	items, err := Items(in)
	if err != nil {
		return false, err
	}
	c := newComparison()
	for _, item := range items {
		if same, err := c.equal(item, v, 0); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// Same is `a is b`: whether both are one value. Numbers and texts that are equal
// are.
func Same(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && x == y
	case *big.Int:
		y, ok := b.(*big.Int)
		return ok && x.Cmp(y) == 0
	case *python.Tuple:
		y, ok := b.(*python.Tuple)
		return ok && (x == y || len(x.Items)+len(y.Items) == 0)
	}
	return a == b
}
