package render

import (
	"math"
	"math/bits"
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
