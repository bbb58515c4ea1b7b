package num

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
)

// AsInt is 1 for true and 0 for false.
func AsInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Norm is a whole number in its usual form: an int if it fits into one.
func Norm(n *big.Int) any {
	if n.IsInt64() {
		return int(n.Int64())
	}
	return n
}

// Big is v as a big number, if it is a whole one; True and False are 1 and 0.
func Big(v any) (*big.Int, bool) {
	switch v := v.(type) {
	case bool:
		return big.NewInt(int64(AsInt(v))), true
	case int:
		return big.NewInt(int64(v)), true
	case *big.Int:
		return v, true
	}
	return nil, false
}

// Int is v as an int, if it is a whole number that fits into one.
func Int(v any) (int, bool) {
	switch v := v.(type) {
	case bool:
		return AsInt(v), true
	case int:
		return v, true
	}
	return 0, false
}

// IsWhole reports whether v is a whole number, or True or False.
func IsWhole(v any) bool { _, ok := Big(v); return ok }

// IsNumber reports whether v counts as a number.
func IsNumber(v any) bool {
	_, isFloat := v.(float64)
	return isFloat || IsWhole(v)
}

// Float is a number as a float.
func Float(v any) (float64, error) {
	if f, ok := v.(float64); ok {
		return f, nil
	}
	n, ok := Big(v)
	if !ok {
		return 0, python.Errorf("%s is not a number", python.Kind(v))
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	if math.IsInf(f, 0) {
		return 0, python.Errorf("a whole number is too large for a floating point number")
	}
	return f, nil
}

// fromFloat is the whole part of a float that is finite.
func fromFloat(f float64) any {
	if math.Abs(f) < 1<<62 {
		return int(f)
	}
	n, _ := big.NewFloat(f).Int(nil)
	return Norm(n)
}

// ToInt is Python's int(v, base): false where that raises a TypeError or
// ValueError.
func ToInt(v any, base int) (any, bool, error) {
	switch v := v.(type) {
	case *python.Undefined:
		return 0, false, v.Fault()
	case bool:
		return AsInt(v), true, nil
	case int, *big.Int:
		return v, true, nil
	case float64:
		switch {
		case math.IsInf(v, 0):
			return nil, false, python.Errorf("an infinite number is no whole number")
		case math.IsNaN(v):
			return nil, false, nil
		}
		return fromFloat(v), true, nil
	}
	text, ok := python.Text(v)
	if !ok {
		return nil, false, nil
	}
	n, ok := parseInt(text, base)
	return n, ok, nil
}

// parseInt reads a whole number as Python's int does.
func parseInt(text string, base int) (any, bool) {
	if base != 0 && (base < 2 || base > 36) {
		return nil, false
	}
	text = strings.TrimFunc(text, letters.IsSpace)
	sign := ""
	if text != "" && (text[0] == '-' || text[0] == '+') {
		sign, text = strings.TrimPrefix(text[:1], "+"), text[1:]
	}
	text, base, ok := basePrefix(asciiDigits(text), base)
	if !ok || text == "" || strings.HasPrefix(text, "_") || strings.HasSuffix(text, "_") || strings.Contains(text, "__") ||
		strings.ContainsAny(text, "+-") || len(text) > 4300 {
		return nil, false
	}
	n, ok := new(big.Int).SetString(sign+strings.ReplaceAll(text, "_", ""), base)
	if !ok {
		return nil, false
	}
	return Norm(n), true
}

// basePrefix takes 0x, 0o or 0b off where the base allows it.
func basePrefix(text string, base int) (string, int, bool) {
	if len(text) > 1 && text[0] == '0' {
		for letter, of := range map[byte]int{'x': 16, 'o': 8, 'b': 2} {
			if text[1]|0x20 == letter && (base == of || base == 0) {
				return strings.TrimPrefix(text[2:], "_"), of, true
			}
		}
		if base == 0 {
			return text, 10, strings.Trim(text, "0_") == ""
		}
	}
	if base == 0 {
		base = 10
	}
	return text, base, true
}

// asciiDigits makes plain digits of those of other scripts.
func asciiDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if n, ok := letters.DecimalDigit(r); ok {
			return '0' + rune(n)
		}
		return r
	}, text)
}

// ToFloat is Python's float(v): false where that raises a TypeError or
// ValueError.
func ToFloat(v any) (float64, bool, error) {
	if u, ok := v.(*python.Undefined); ok {
		return 0, false, u.Fault()
	}
	if IsNumber(v) {
		f, err := Float(v)
		return f, err == nil, err
	}
	text, ok := python.Text(v)
	if !ok {
		return 0, false, nil
	}
	return parseFloat(text)
}

func parseFloat(text string) (float64, bool, error) {
	text = strings.ToLower(asciiDigits(strings.TrimFunc(text, letters.IsSpace)))
	switch strings.TrimLeft(text, "+-") {
	case "inf", "infinity", "nan":
	default:
		if strings.ContainsAny(text, "xpin") || badUnderscore(text) {
			return 0, false, nil
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false, nil
	}
	return f, true, nil
}

// badUnderscore reports whether a _ does not stand between digits.
func badUnderscore(text string) bool {
	for i := range len(text) {
		if text[i] == '_' && (i == 0 || i+1 == len(text) || !IsDigit(text[i-1]) || !IsDigit(text[i+1])) {
			return true
		}
	}
	return false
}

// IsDigit are the digits of ASCII.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

// FormatFloat writes a float as Python's repr does.
func FormatFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// Round is Python's round(v, places).
func Round(v, places any) (any, error) {
	n, ok := Int(places)
	if !ok && places != nil {
		return nil, python.Errorf("round has %s as a precision", python.Kind(places))
	}
	if i, ok := Big(v); ok {
		return roundWhole(i, n), nil
	}
	f, ok := v.(float64)
	if !ok {
		return nil, python.Errorf("%s cannot be rounded", python.Kind(v))
	}
	if places == nil {
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, python.Errorf("%s is no whole number", FormatFloat(f))
		}
		return fromFloat(math.RoundToEven(f)), nil
	}
	switch {
	case math.IsInf(f, 0) || math.IsNaN(f) || n > 323:
		return f, nil
	case n < -308:
		return math.Copysign(0, f), nil
	case n >= 0:
		out, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', n, 64), 64)
		if err != nil {
			return nil, python.Errorf("a number is too large to be rounded")
		}
		return out, nil
	}
	out, _ := new(big.Float).SetInt(roundTo(new(big.Rat).SetFloat64(f), -n)).Float64()
	return math.Copysign(out, f), nil
}

func roundWhole(i *big.Int, places int) any {
	if places >= 0 {
		return Norm(i)
	}
	if places < -4300 {
		return 0
	}
	return Norm(roundTo(new(big.Rat).SetInt(i), -places))
}

// roundTo rounds to a multiple of 10 to the power of n, halves to the even one.
func roundTo(r *big.Rat, n int) *big.Int {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	r = new(big.Rat).Quo(r, new(big.Rat).SetInt(unit))
	double := new(big.Int).Mul(r.Num(), big.NewInt(2))
	double.Add(double, r.Denom())
	bottom := new(big.Int).Mul(r.Denom(), big.NewInt(2))
	q, rest := new(big.Int).DivMod(double, bottom, new(big.Int))
	if rest.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	return q.Mul(q, unit)
}

// Whole is v rounded up or down to a whole number.
func Whole(v any, up bool) (any, error) {
	f, ok := v.(float64)
	if !ok {
		if n, ok := Big(v); ok {
			return Norm(n), nil
		}
		return nil, python.Errorf("%s cannot be rounded", python.Kind(v))
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, python.Errorf("%s is no whole number", FormatFloat(f))
	}
	if up {
		return fromFloat(math.Ceil(f)), nil
	}
	return fromFloat(math.Floor(f)), nil
}
