package python

import (
	"math"
	"math/big"
	"strings"
)

// Calculate is left op right, for + - * / // % **.
func Calculate(op string, left, right any) (any, error) {
	for _, v := range []any{left, right} {
		if u, ok := v.(*Undefined); ok {
			return nil, u.Fault()
		}
	}
	if IsWhole(left) && IsWhole(right) {
		a, _ := whole(left)
		b, _ := whole(right)
		return wholes(op, a, b)
	}
	if IsNumber(left) && IsNumber(right) {
		a, err := float(left)
		if err != nil {
			return nil, err
		}
		b, err := float(right)
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
		if IsText(left) {
			return FormatPercent(left, right)
		}
	case "+":
		if out, err, ok := add(left, right); ok {
			return out, err
		}
	case "*":
		if n, ok := whole(right); ok && isSequence(left) {
			return repeat(left, n)
		}
		if n, ok := whole(left); ok && isSequence(right) {
			return repeat(right, n)
		}
	}
	return nil, Errorf("%s does not go between %s and %s", op, Kind(left), Kind(right))
}

func isSequence(v any) bool {
	switch v.(type) {
	case string, Markup, *List, *Tuple:
		return true
	}
	return false
}

func add(left, right any) (any, error, bool) {
	switch a := left.(type) {
	case *List:
		if b, ok := right.(*List); ok {
			out, err := joined(a.Items, b.Items)
			return &List{out}, err, true
		}
	case *Tuple:
		if b, ok := right.(*Tuple); ok {
			out, err := joined(a.Items, b.Items)
			return NewTuple(out...), err, true
		}
	case string, Markup:
		if IsText(right) {
			out, err := addTexts(left, right)
			return out, err, true
		}
	}
	return nil, nil, false
}

func joined(a, b []any) ([]any, error) {
	if len(a)+len(b) > MaxItems {
		return nil, Errorf("a list would have more than %d items", MaxItems)
	}
	return append(append(make([]any, 0, len(a)+len(b)), a...), b...), nil
}

func addTexts(left, right any) (any, error) {
	a, _ := Text(left)
	b, _ := Text(right)
	_, safeLeft := left.(Markup)
	_, safeRight := right.(Markup)
	switch {
	case safeLeft && !safeRight:
		b = escapeText(b)
	case safeRight && !safeLeft:
		a = escapeText(a)
	}
	if len(a)+len(b) > MaxText {
		return nil, tooLong()
	}
	if safeLeft || safeRight {
		return Markup(a + b), nil
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
	if s, ok := Text(v); ok {
		if len(s)*n > MaxText {
			return nil, tooLong()
		}
		return like(v, strings.Repeat(s, n)), nil
	}
	items := itemsOf(v)
	if len(items)*n > MaxItems {
		return nil, Errorf("a list would have more than %d items", MaxItems)
	}
	out := make([]any, 0, len(items)*n)
	for range n {
		if len(items) == 0 {
			break
		}
		out = append(out, items...)
	}
	if _, ok := v.(*Tuple); ok {
		return NewTuple(out...), nil
	}
	return &List{out}, nil
}

func itemsOf(v any) []any {
	switch v := v.(type) {
	case *List:
		return v.Items
	case *Tuple:
		return v.Items
	}
	return nil
}

func divisionByZero() error { return Errorf("division by zero") }

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
	if out.BitLen() > maxBits {
		return nil, Errorf("a whole number is too large")
	}
	return norm(out), nil
}

func divide(op string, a, b *big.Int) (any, error) {
	if op == "/" {
		f, _ := new(big.Rat).SetFrac(a, b).Float64()
		if f == 0 && b.Sign() < 0 && a.Sign() >= 0 {
			return math.Copysign(0, -1), nil
		}
		if math.IsInf(f, 0) {
			return nil, Errorf("a whole number is too large for a floating point number")
		}
		return f, nil
	}
	q, rest := new(big.Int).QuoRem(a, b, new(big.Int))
	if rest.Sign() != 0 && (rest.Sign() < 0) != (b.Sign() < 0) {
		q.Sub(q, big.NewInt(1))
		rest.Add(rest, b)
	}
	if op == "//" {
		return norm(q), nil
	}
	return norm(rest), nil
}

func power(a, b *big.Int) (any, error) {
	if b.Sign() < 0 {
		x, err := float(a)
		if err != nil {
			return nil, err
		}
		y, err := float(b)
		if err != nil {
			return nil, err
		}
		return floats("**", x, y)
	}
	if a.BitLen() > 1 && (!b.IsInt64() || b.Int64()*int64(a.BitLen()-1) > maxBits || b.Int64() > maxBits) {
		return nil, Errorf("a whole number is too large")
	}
	if a.BitLen() <= 1 { // 0, 1 and -1
		b = new(big.Int).And(b, big.NewInt(1)).Add(new(big.Int).And(b, big.NewInt(1)), big.NewInt(int64(2*b.Sign())))
	}
	return norm(new(big.Int).Exp(a, b, nil)), nil
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
		return nil, Errorf("a negative number has no power with a fraction")
	case math.IsInf(out, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0):
		return nil, Errorf("a number is too large")
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
	if u, ok := v.(*Undefined); ok {
		return nil, u.Fault()
	}
	if f, ok := v.(float64); ok {
		if sign == "-" {
			return -f, nil
		}
		return f, nil
	}
	n, ok := whole(v)
	if !ok {
		return nil, Errorf("%s has no sign", Kind(v))
	}
	if sign == "-" {
		return norm(new(big.Int).Neg(n)), nil
	}
	return norm(n), nil
}
