package render

import (
	"maps"
	"slices"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// test is what follows `is`. The value and the arguments may be undefined.
type test func(v *exec.Value, params *exec.VarArgs) (bool, error)

// tests are all of Jinja's. gonja's parser wants them in a set of its own; the
// table is what runs them.
func (m *machine) tests() *exec.TestSet {
	m.testTable = map[string]test{
		"defined":   func(v *exec.Value, _ *exec.VarArgs) (bool, error) { return asUndefined(v) == nil, nil },
		"undefined": func(v *exec.Value, _ *exec.VarArgs) (bool, error) { return asUndefined(v) != nil, nil },
		"filter":    func(v *exec.Value, _ *exec.VarArgs) (bool, error) { return slices.Contains(m.filterNames, str(v)), nil },
		"test":      func(v *exec.Value, _ *exec.VarArgs) (bool, error) { return m.testTable[str(v)] != nil, nil },
		"in":        m.strictly(isIn), "sameas": m.strictly(sameAs), "divisibleby": m.strictly(divisible),
	}
	for name, is := range kinds {
		m.testTable[name] = m.strictly(func(v *exec.Value, _ *exec.VarArgs) (bool, error) { return is(v), nil })
	}
	for name, op := range comparisons {
		m.testTable[name] = m.strictly(func(v *exec.Value, params *exec.VarArgs) (bool, error) {
			if len(params.Args) != 1 {
				return false, faultf("%s needs one value", name)
			}
			return compare(op, v, params.Args[0])
		})
	}
	m.testNames = slices.Sorted(maps.Keys(m.testTable))
	set := map[string]exec.TestFunction{}
	for name, run := range m.testTable {
		set[name] = func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) (bool, error) { return run(in, params) }
	}
	return exec.NewTestSet(set)
}

// strictly refuses undefined values in strict mode.
func (m *machine) strictly(run test) test {
	return func(v *exec.Value, params *exec.VarArgs) (bool, error) {
		for _, used := range append([]*exec.Value{v}, params.Args...) {
			if err := m.use(used); err != nil {
				return false, err
			}
		}
		return run(v, params)
	}
}

var comparisons = map[string]string{
	"==": "==", "eq": "==", "equalto": "==", "!=": "!=", "ne": "!=", "<": "<", "lt": "<", "lessthan": "<",
	"<=": "<=", "le": "<=", ">": ">", "gt": ">", "greaterthan": ">", ">=": ">=", "ge": ">=",
}

var kinds = map[string]func(*exec.Value) bool{
	"none":     func(v *exec.Value) bool { return v.IsNil() },
	"boolean":  (*exec.Value).IsBool,
	"true":     func(v *exec.Value) bool { return v.IsBool() && v.Bool() },
	"false":    func(v *exec.Value) bool { return v.IsBool() && !v.Bool() },
	"integer":  (*exec.Value).IsInteger,
	"float":    (*exec.Value).IsFloat,
	"number":   isNumber,
	"string":   (*exec.Value).IsString,
	"mapping":  (*exec.Value).IsDict,
	"sequence": func(v *exec.Value) bool { return v.IsList() || v.IsDict() || v.IsString() },
	"iterable": func(v *exec.Value) bool { _, ok := itemsOf(v); return ok },
	"callable": func(v *exec.Value) bool { return callable(v) != nil },
	"escaped":  func(v *exec.Value) bool { return v.Safe },
	"even":     func(v *exec.Value) bool { return isWhole(v) && whole(v)%2 == 0 },
	"odd":      func(v *exec.Value) bool { return isWhole(v) && whole(v)%2 != 0 },
	"lower":    func(v *exec.Value) bool { s := str(v); return s == strings.ToLower(s) && s != strings.ToUpper(s) },
	"upper":    func(v *exec.Value) bool { s := str(v); return s == strings.ToUpper(s) && s != strings.ToLower(s) },
}

func isIn(v *exec.Value, params *exec.VarArgs) (bool, error) {
	if len(params.Args) != 1 {
		return false, faultf("in needs a list, mapping or text")
	}
	return contains(params.Args[0], v)
}

func sameAs(v *exec.Value, params *exec.VarArgs) (bool, error) {
	if len(params.Args) != 1 {
		return false, faultf("sameas needs one value")
	}
	other := params.Args[0]
	if v.IsBool() != other.IsBool() || v.IsFloat() != other.IsFloat() {
		return false, nil
	}
	return equal(v, other), nil
}

func divisible(v *exec.Value, params *exec.VarArgs) (bool, error) {
	if len(params.Args) != 1 || !isWhole(v) || !isWhole(params.Args[0]) || whole(params.Args[0]) == 0 {
		return false, faultf("divisibleby needs whole numbers that are not 0")
	}
	return whole(v)%whole(params.Args[0]) == 0, nil
}
