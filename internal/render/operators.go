package render

import (
	"math"
	"math/bits"
	"reflect"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
)

// binary is an expression with an operator between two others.
func (m *machine) binary(r *exec.Renderer, n *nodes.BinaryExpression) (*exec.Value, error) {
	op := n.Operator.Token.Val
	left, err := m.used(r, n.Left)
	if err != nil {
		return nil, err
	}
	if op == "and" || op == "or" {
		if isTrue(left) == (op == "or") {
			return left, nil
		}
		return m.used(r, n.Right)
	}
	right, err := m.used(r, n.Right)
	if err != nil {
		return nil, err
	}
	m.at.token = n.Operator.Token
	if comparison[op] {
		if first, ok := n.Left.(*nodes.BinaryExpression); ok && comparison[first.Operator.Token.Val] {
			if !isTrue(left) {
				return left, nil
			}
			if left, err = m.used(r, first.Right); err != nil {
				return nil, err
			}
		}
		yes, err := compare(op, left, right)
		return exec.AsValue(yes), err
	}
	out, err := calculate(op, left, right)
	if err != nil {
		return nil, err
	}
	return out, m.fits(out)
}

var comparison = map[string]bool{"==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true}

// calculate is left op right, as Python has it.
func calculate(op string, left, right *exec.Value) (*exec.Value, error) {
	switch {
	case op == "~":
		return exec.AsValue(str(left) + str(right)), nil
	case op == "%" && left.IsString():
		return format(left.String(), right)
	case op == "*" && (left.IsString() || left.IsList()) && isWhole(right):
		return repeat(left, whole(right))
	case op == "*" && (right.IsString() || right.IsList()) && isWhole(left):
		return repeat(right, whole(left))
	case op == "+" && left.IsString() && right.IsString():
		return exec.AsValue(left.String() + right.String()), nil
	case op == "+" && left.IsList() && right.IsList():
		return join(left, right), nil
	case isWhole(left) && isWhole(right):
		return integers(op, whole(left), whole(right))
	case isNumber(left) && isNumber(right):
		return floats(op, float(left), float(right))
	}
	return nil, faultf("%s does not go between %s and %s", op, kind(left), kind(right))
}

func isWhole(v *exec.Value) bool { return v.IsInteger() || v.IsBool() }

func join(left, right *exec.Value) *exec.Value {
	var out list
	for _, v := range []*exec.Value{left, right} {
		items, _ := itemsOf(v)
		for _, i := range items {
			out = append(out, i.Interface())
		}
	}
	if isTuple(left) && isTuple(right) {
		return exec.AsValue(tuple(out))
	}
	return exec.AsValue(&out)
}

func repeat(v *exec.Value, n int) (*exec.Value, error) {
	n = max(n, 0)
	if v.IsString() {
		if len(v.String())*min(n, MaxOutput+1) > MaxOutput {
			return nil, faultf("a text would have more than %d bytes", MaxOutput)
		}
		return exec.AsValue(strings.Repeat(v.String(), n)), nil
	}
	items, _ := itemsOf(v)
	if len(items)*min(n, MaxItems+1) > MaxItems {
		return nil, faultf("a list would have more than %d items", MaxItems)
	}
	out := list{}
	for range n {
		for _, i := range items {
			out = append(out, i.Interface())
		}
	}
	return exec.AsValue(&out), nil
}

// integers calculates with whole numbers of 64 bits and refuses what does not
// fit into them.
func integers(op string, a, b int) (*exec.Value, error) {
	out, ok := 0, true
	switch op {
	case "+":
		out = a + b
		ok = (out > a) == (b > 0)
	case "-":
		out = a - b
		ok = (out < a) == (b > 0)
	case "*":
		out, ok = product(a, b)
	case "**":
		if b < 0 {
			return floats(op, float64(a), float64(b))
		}
		out, ok = power(a, b)
	default:
		if b == 0 {
			return nil, faultf("division by zero")
		}
		switch op {
		case "/":
			return exec.AsValue(float64(a) / float64(b)), nil
		case "//":
			out = a / b
			if a%b != 0 && (a < 0) != (b < 0) {
				out--
			}
		case "%":
			if out = a % b; out != 0 && (out < 0) != (b < 0) {
				out += b
			}
		}
	}
	if !ok {
		return nil, faultf("a whole number is too large")
	}
	return exec.AsValue(out), nil
}

func product(a, b int) (int, bool) {
	high, _ := bits.Mul64(magnitude(a), magnitude(b))
	out := a * b
	return out, high == 0 && (a == 0 || out/a == b)
}

func magnitude(a int) uint64 {
	if a < 0 {
		return uint64(-a)
	}
	return uint64(a)
}

func power(a, b int) (int, bool) {
	out, ok := 1, true
	if a == 0 || a == 1 || a == -1 {
		b = min(b, 2+b%2)
	}
	for ; b > 0 && ok; b-- {
		out, ok = product(out, a)
	}
	return out, ok
}

func floats(op string, a, b float64) (*exec.Value, error) {
	if b == 0 && (op == "/" || op == "//" || op == "%") || a == 0 && b < 0 && op == "**" {
		return nil, faultf("division by zero")
	}
	var out float64
	switch op {
	case "+":
		out = a + b
	case "-":
		out = a - b
	case "*":
		out = a * b
	case "/":
		out = a / b
	case "//":
		out = math.Floor(a / b)
	case "%":
		if out = math.Mod(a, b); out != 0 && (out < 0) != (b < 0) {
			out += b
		}
	case "**":
		out = math.Pow(a, b)
	}
	return exec.AsValue(out), nil
}

func (m *machine) unary(r *exec.Renderer, n *nodes.UnaryExpression) (*exec.Value, error) {
	v, err := m.used(r, n.Term)
	if err != nil {
		return nil, err
	}
	switch {
	case !isNumber(v):
		return nil, faultf("%s has no sign", kind(v))
	case !n.Negative:
		return v, nil
	case v.IsFloat():
		return exec.AsValue(-v.Float()), nil
	}
	return exec.AsValue(-whole(v)), nil
}

// compare is left op right for the operators that give True or False.
func compare(op string, left, right *exec.Value) (bool, error) {
	switch op {
	case "==":
		return equal(left, right), nil
	case "!=":
		return !equal(left, right), nil
	}
	comparable := isNumber(left) && isNumber(right) || left.IsString() && right.IsString() || left.IsList() && right.IsList()
	if !comparable {
		return false, faultf("%s cannot be compared with %s", kind(left), kind(right))
	}
	n := order(left, right)
	return op == "<" && n < 0 || op == "<=" && n <= 0 || op == ">" && n > 0 || op == ">=" && n >= 0, nil
}

// equal reports whether two values are the same to Python.
func equal(a, b *exec.Value) bool {
	left := maxNodes
	return equalWithin(a, b, &left)
}

func equalWithin(a, b *exec.Value, left *int) bool {
	if *left--; *left < 0 {
		panic(faultf("values are too large to compare"))
	}
	switch {
	case isNumber(a) && isNumber(b):
		if isWhole(a) && isWhole(b) {
			return whole(a) == whole(b)
		}
		return float(a) == float(b)
	case a.IsString() && b.IsString():
		return a.String() == b.String()
	case a.IsDict() && b.IsDict():
		return sameMapping(a, b, left)
	case a.IsList() && b.IsList():
		return sameList(a, b, left)
	}
	if a.IsNil() || b.IsNil() {
		return a.IsNil() && b.IsNil()
	}
	return a.Val.Type() == b.Val.Type() && a.Val.Comparable() && a.Val.Kind() == reflect.Pointer && a.Interface() == b.Interface()
}

func sameList(a, b *exec.Value, left *int) bool {
	x, _ := itemsOf(a)
	y, _ := itemsOf(b)
	if len(x) != len(y) || isTuple(a) != isTuple(b) {
		return false
	}
	for i := range x {
		if !equalWithin(x[i], y[i], left) {
			return false
		}
	}
	return true
}

func sameMapping(a, b *exec.Value, left *int) bool {
	keys := keysOf(a)
	if len(keys) != len(keysOf(b)) {
		return false
	}
	for _, k := range keys {
		x, _ := item(a, k)
		y, ok := item(b, k)
		if !ok || !equalWithin(x, y, left) {
			return false
		}
	}
	return true
}

// order is negative, zero or positive as a comes before, with or after b:
// numbers by size, lists item by item, everything else by its text.
func order(a, b *exec.Value) int {
	switch {
	case isNumber(a) && isNumber(b):
		x, y := float(a), float(b)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	case a.IsList() && b.IsList():
		x, _ := itemsOf(a)
		y, _ := itemsOf(b)
		for i := range min(len(x), len(y)) {
			if n := order(x[i], y[i]); n != 0 {
				return n
			}
		}
		return len(x) - len(y)
	}
	return strings.Compare(str(a), str(b))
}

// contains reports whether a value is in a collection: an item of a list, a key
// of a mapping, a part of a text.
func contains(in, v *exec.Value) (bool, error) {
	if in.IsString() {
		if !v.IsString() {
			return false, faultf("%s cannot be in a text", kind(v))
		}
		return strings.Contains(in.String(), v.String()), nil
	}
	items, ok := itemsOf(in)
	if !ok {
		return false, faultf("%s is not a list, mapping or text", kind(in))
	}
	for _, i := range items {
		if equal(i, v) {
			return true, nil
		}
	}
	return false, nil
}
