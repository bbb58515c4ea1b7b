package render

import (
	"reflect"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

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
