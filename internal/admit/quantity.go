package admit

import (
	"math/big"
	"strconv"
	"strings"
)

// units are the suffixes of quantities, as powers of ten or of two.
var units = map[string]struct{ base, power int64 }{
	"": {10, 0}, "n": {10, -9}, "u": {10, -6}, "m": {10, -3}, "k": {10, 3}, "M": {10, 6}, "G": {10, 9}, "T": {10, 12}, "P": {10, 15}, "E": {10, 18},
	"Ki": {2, 10}, "Mi": {2, 20}, "Gi": {2, 30}, "Ti": {2, 40}, "Pi": {2, 50}, "Ei": {2, 60},
}

// parseQuantity reads a quantity as Kubernetes does (resource.ParseQuantity).
func parseQuantity(s string) (*big.Rat, bool) {
	end := len(strings.TrimLeft(s, "+-"))
	signed := s[:len(s)-end]
	if len(signed) > 1 || s == "" {
		return nil, false
	}
	digits := 0
	for digits < end && (s[len(signed)+digits] >= '0' && s[len(signed)+digits] <= '9' || s[len(signed)+digits] == '.') {
		digits++
	}
	number, unit := s[:len(signed)+digits], s[len(signed)+digits:]
	if bare := number[len(signed):]; strings.Count(bare, ".") > 1 || strings.Trim(bare, ".") == "" {
		return nil, false
	}
	value, ok := new(big.Rat).SetString(strings.TrimSuffix(strings.TrimPrefix(number, "+"), "."))
	if !ok {
		return nil, false
	}
	factor, ok := factorOf(unit)
	if !ok {
		return nil, false
	}
	return value.Mul(value, factor), true
}

// factorOf is what a unit stands for: one of units, or a power of ten as in e3.
func factorOf(unit string) (*big.Rat, bool) {
	u, ok := units[unit]
	if !ok {
		if len(unit) < 2 || unit[0] != 'e' && unit[0] != 'E' {
			return nil, false
		}
		n, err := strconv.ParseInt(unit[1:], 10, 64)
		if err != nil || n > 400 || n < -400 {
			return nil, false
		}
		u.base, u.power = 10, n
	}
	factor := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(u.base), big.NewInt(max(u.power, -u.power)), nil))
	if u.power < 0 {
		factor.Inv(factor)
	}
	return factor, true
}

// amount is the quantity of a value, which may be a number.
func amount(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case string:
		return parseQuantity(v)
	case int64:
		return new(big.Rat).SetInt64(v), true
	case float64:
		return new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64)) // as it was written: 0.1 is 100m
	}
	return nil, false
}

// zero is no amount.
var zero = new(big.Rat)
