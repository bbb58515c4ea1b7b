package operator

import (
	"math"
	"math/big"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// Calculate is left op right, for + - * / // % **.
func Calculate(op string, left, right any) (any, error) {
	for _, v := range []any{left, right} {
		if u, ok := v.(*python.Undefined); ok {
			return nil, u.Fault()
		}
	}
	if num.IsWhole(left) && num.IsWhole(right) {
		a, _ := num.Big(left)
		b, _ := num.Big(right)
		return wholes(op, a, b)
	}
	if num.IsNumber(left) && num.IsNumber(right) {
		a, err := num.Float(left)
		if err != nil {
			return nil, err
		}
		b, err := num.Float(right)
		if err != nil {
			return nil, err
		}
		return floats(op, a, b)
	}
	return sequences(op, left, right)
}

// sequences is Calculate for texts and lists.
func sequences(op string, left, right any) (any, error) {
	switch op {
	case "%":
		if python.IsText(left) {
			return str.FormatPercent(left, right)
		}
	case "+":
		if out, err, ok := add(left, right); ok {
			return out, err
		}
	case "*":
		if n, ok := num.Big(right); ok && isSequence(left) {
			return repeat(left, n)
		}
		if n, ok := num.Big(left); ok && isSequence(right) {
			return repeat(right, n)
		}
	}
	return nil, python.Errorf("%s does not go between %s and %s", op, python.Kind(left), python.Kind(right))
}

func isSequence(v any) bool {
	switch v.(type) {
	case string, python.Markup, *python.List, *python.Tuple:
		return true
	}
	return false
}

func add(left, right any) (any, error, bool) {
	switch a := left.(type) {
	case *python.List:
		if b, ok := right.(*python.List); ok {
			out, err := joined(a.Items, b.Items)
			return &python.List{Items: out}, err, true
		}
	case *python.Tuple:
		if b, ok := right.(*python.Tuple); ok {
			out, err := joined(a.Items, b.Items)
			return python.NewTuple(out...), err, true
		}
	case string, python.Markup:
		if python.IsText(right) {
			out, err := addTexts(left, right)
			return out, err, true
		}
	}
	return nil, nil, false
}

func joined(a, b []any) ([]any, error) {
	if len(a)+len(b) > python.MaxItems {
		return nil, python.Errorf("a list would have more than %d items", python.MaxItems)
	}
	return append(append(make([]any, 0, len(a)+len(b)), a...), b...), nil
}

func addTexts(left, right any) (any, error) {
	a, _ := python.Text(left)
	b, _ := python.Text(right)
	_, safeLeft := left.(python.Markup)
	_, safeRight := right.(python.Markup)
	switch {
	case safeLeft && !safeRight:
		b = str.EscapeText(b)
	case safeRight && !safeLeft:
		a = str.EscapeText(a)
	}
	if len(a)+len(b) > python.MaxText {
		return nil, str.TooLong()
	}
	if safeLeft || safeRight {
		return python.Markup(a + b), nil
	}
	return a + b, nil
}

func repeat(v any, times *big.Int) (any, error) {
	n := 0
	if times.Sign() > 0 {
		n = math.MaxInt32
		if times.IsInt64() {
			n = int(min(times.Int64(), math.MaxInt32))
		}
	}
	if s, ok := python.Text(v); ok {
		if len(s)*n > python.MaxText {
			return nil, str.TooLong()
		}
		return python.Like(v, strings.Repeat(s, n)), nil
	}
	items := itemsOf(v)
	if len(items)*n > python.MaxItems {
		return nil, python.Errorf("a list would have more than %d items", python.MaxItems)
	}
	out := make([]any, 0, len(items)*n)
	for range n {
		if len(items) == 0 {
			break
		}
		out = append(out, items...)
	}
	if _, ok := v.(*python.Tuple); ok {
		return python.NewTuple(out...), nil
	}
	return &python.List{Items: out}, nil
}

func itemsOf(v any) []any {
	switch v := v.(type) {
	case *python.List:
		return v.Items
	case *python.Tuple:
		return v.Items
	}
	return nil
}

func divisionByZero() error { return python.Errorf("division by zero") }

// wholes calculates with whole numbers.
func wholes(op string, a, b *big.Int) (any, error) {
	out := new(big.Int)
	switch op {
	case "+":
		out.Add(a, b)
	case "-":
		out.Sub(a, b)
	case "*":
		out.Mul(a, b)
	case "**":
		return power(a, b)
	default:
		if b.Sign() == 0 {
			return nil, divisionByZero()
		}
		return divide(op, a, b)
	}
	if out.BitLen() > python.MaxBits {
		return nil, python.Errorf("a whole number would have more than %d digits", python.MaxDigits)
	}
	return num.Norm(out), nil
}

func divide(op string, a, b *big.Int) (any, error) {
	if op == "/" {
		f, _ := new(big.Rat).SetFrac(a, b).Float64()
		if f == 0 && b.Sign() < 0 && a.Sign() >= 0 {
			return math.Copysign(0, -1), nil
		}
		if math.IsInf(f, 0) {
			return nil, python.Errorf("a whole number is too large for a floating point number")
		}
		return f, nil
	}
	q, rest := new(big.Int).QuoRem(a, b, new(big.Int))
	if rest.Sign() != 0 && (rest.Sign() < 0) != (b.Sign() < 0) {
		q.Sub(q, big.NewInt(1))
		rest.Add(rest, b)
	}
	if op == "//" {
		return num.Norm(q), nil
	}
	return num.Norm(rest), nil
}

func power(a, b *big.Int) (any, error) {
	if b.Sign() < 0 {
		x, err := num.Float(a)
		if err != nil {
			return nil, err
		}
		y, err := num.Float(b)
		if err != nil {
			return nil, err
		}
		return floats("**", x, y)
	}
	if a.BitLen() > 1 && (!b.IsInt64() || b.Int64()*int64(a.BitLen()-1) > python.MaxBits || b.Int64() > python.MaxBits) {
		return nil, python.Errorf("a whole number would have more than %d digits", python.MaxDigits)
	}
	if a.BitLen() <= 1 { // 0, 1 and -1
		b = new(big.Int).And(b, big.NewInt(1)).Add(new(big.Int).And(b, big.NewInt(1)), big.NewInt(int64(2*b.Sign())))
	}
	return num.Norm(new(big.Int).Exp(a, b, nil)), nil
}

// floats calculates with floating point numbers.
func floats(op string, a, b float64) (any, error) {
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "**":
		return floatPower(a, b)
	}
	if b == 0 {
		return nil, divisionByZero()
	}
	if op == "/" {
		return a / b, nil
	}
	quotient, rest := floatDivide(a, b)
	if op == "//" {
		return quotient, nil
	}
	return rest, nil
}

func floatPower(a, b float64) (any, error) {
	out := pow(a, b)
	switch {
	case a == 0 && b < 0:
		return nil, divisionByZero()
	case a < 0 && !math.IsInf(a, 0) && !math.IsInf(b, 0) && b != math.Trunc(b):
		return nil, python.Errorf("a negative number ** a fraction is a complex number, and there are none here")
	case math.IsInf(out, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0):
		return nil, python.Errorf("a number is too large")
	}
	return out, nil
}

// pow is a to the power of b. math.Pow is off by a bit or two for whole exponents,
// where the C library that Python uses is not.
func pow(a, b float64) float64 {
	n := int(math.Abs(b))
	if a == 0 || math.IsInf(a, 0) || math.IsNaN(a) || b != math.Trunc(b) || math.Abs(b) > 1000 {
		return math.Pow(a, b)
	}
	out, base := big.NewFloat(1).SetPrec(300), new(big.Float).SetPrec(300).SetFloat64(a)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out.Mul(out, base)
		}
		base.Mul(base, base)
	}
	if b < 0 {
		out.Quo(big.NewFloat(1).SetPrec(300), out)
	}
	f, _ := out.Float64()
	return f
}

// floatDivide is the quotient, rounded down, and what is left.
func floatDivide(a, b float64) (float64, float64) {
	rest := math.Mod(a, b)
	quotient := (a - rest) / b
	if rest != 0 {
		if (b < 0) != (rest < 0) {
			rest += b
			quotient--
		}
	} else {
		rest = math.Copysign(0, b)
	}
	if quotient == 0 {
		return math.Copysign(0, a/b), rest
	}
	floor := math.Floor(quotient)
	if quotient-floor > 0.5 {
		floor++
	}
	return floor, rest
}

// Negate is -v, or +v for the sign "+".
func Negate(sign string, v any) (any, error) {
	if u, ok := v.(*python.Undefined); ok {
		return nil, u.Fault()
	}
	if f, ok := v.(float64); ok {
		if sign == "-" {
			return -f, nil
		}
		return f, nil
	}
	n, ok := num.Big(v)
	if !ok {
		return nil, python.Errorf("%s has no sign", python.Kind(v))
	}
	if sign == "-" {
		return num.Norm(new(big.Int).Neg(n)), nil
	}
	return num.Norm(n), nil
}
