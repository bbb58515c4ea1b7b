package render

import (
	"math"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// attribute is what v holds at a path such as "spec.ports.0".
func attribute(v, path *exec.Value) (*exec.Value, bool) {
	if path.IsInteger() {
		return item(v, path)
	}
	for part := range strings.SplitSeq(str(path), ".") {
		key := exec.AsValue(part)
		if n, err := strconv.Atoi(part); err == nil {
			key = exec.AsValue(n)
		}
		next, ok := item(v, key)
		if !ok {
			return exec.AsValue(&undefined{what: str(path), name: part}), false
		}
		v = next
	}
	return v, true
}

// joined is a list as one text: join(separator, attribute).
func (m *machine) joined(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	items, err := m.iterate(in)
	if err != nil {
		return nil, err
	}
	separator := str(argument(params, 0, "d", ""))
	path := argument(params, 1, "attribute", nil)
	var b strings.Builder
	for i, v := range items {
		if !path.IsNil() {
			v, _ = attribute(v, path)
		}
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(str(v))
		if b.Len() > MaxOutput {
			return nil, faultf("a text has more than %d bytes", MaxOutput)
		}
	}
	return exec.AsValue(b.String()), nil
}

// mapped is map(filter, …) or map(attribute=path, default=value).
func (m *machine) mapped(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	items, err := m.iterate(in)
	if err != nil {
		return nil, err
	}
	out := make([]*exec.Value, len(items))
	for i, v := range items {
		if out[i], err = m.mapOne(v, params); err != nil {
			return nil, err
		}
	}
	return listOf(out), nil
}

func (m *machine) mapOne(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	if path, ok := params.KwArgs["attribute"]; ok {
		found, there := attribute(v, path)
		if absent, ok := params.KwArgs["default"]; ok && !there {
			return absent, nil
		}
		if !there {
			return found, m.use(found)
		}
		return found, nil
	}
	if len(params.Args) == 0 {
		return nil, faultf("map needs a filter or an attribute")
	}
	name := str(params.Args[0])
	fn, ok := m.env.Filters.Get(name)
	if !ok {
		return nil, faultf("unknown filter %q%s", name, suggest(name, m.filterNames))
	}
	out := fn(m.evaluator(), v, &exec.VarArgs{Args: params.Args[1:], KwArgs: params.KwArgs})
	return out, failed(out)
}

// evaluator is what gonja's functions expect; they look up names in it.
func (m *machine) evaluator() *exec.Evaluator {
	return &exec.Evaluator{Config: m.config, Environment: m.env, Loader: loader{m}}
}

// selector is select and reject, and with an attribute selectattr and
// rejectattr.
func (m *machine) selector(keep, byAttribute bool) filter {
	return func(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
		items, err := m.iterate(in)
		if err != nil {
			return nil, err
		}
		args := params.Args
		if byAttribute {
			if len(args) == 0 {
				return nil, faultf("an attribute is missing")
			}
			args = args[1:]
		}
		var out []*exec.Value
		for _, v := range items {
			subject := v
			if byAttribute {
				subject, _ = attribute(v, params.Args[0])
			}
			yes, err := m.passes(subject, args, params.KwArgs)
			if err != nil {
				return nil, err
			}
			if yes == keep {
				out = append(out, v)
			}
		}
		return listOf(out), nil
	}
}

// passes runs the test that args name; none is the truth of v.
func (m *machine) passes(v *exec.Value, args []*exec.Value, named map[string]*exec.Value) (bool, error) {
	if len(args) == 0 {
		return isTrue(v), nil
	}
	name := str(args[0])
	run, ok := m.testTable[name]
	if !ok {
		return false, faultf("unknown test %q%s", name, suggest(name, m.testNames))
	}
	return run(v, &exec.VarArgs{Args: args[1:], KwArgs: named})
}

func first(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return atEnd(in, "first", 0) }
func last(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error)  { return atEnd(in, "last", -1) }

// atEnd is the item of a collection at one of its ends.
func atEnd(in *exec.Value, name string, at int) (*exec.Value, error) {
	items, ok := itemsOf(in)
	if !ok {
		return nil, faultf("%s: %s is not a list, mapping or text", name, kind(in))
	}
	if i, ok := index(exec.AsValue(at), len(items)); ok {
		return items[i], nil
	}
	return exec.AsValue(&undefined{what: name + " of nothing"}), nil
}

// attr is an attribute; the keys of a mapping are none.
func attr(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	name := argument(params, 0, "name", "")
	if _, ok := in.Interface().(exec.AttributeGetter); ok {
		if v, ok := item(in, name); ok {
			return v, nil
		}
	}
	return exec.AsValue(&undefined{what: str(name)}), nil
}

// extreme is max (sign 1) and min (sign -1): max(case_sensitive, attribute).
func (m *machine) extreme(sign int) filter {
	return func(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
		items, err := m.iterate(in)
		if err != nil {
			return nil, err
		}
		best, bestKey := exec.AsValue(&undefined{what: "the largest or smallest of nothing"}), (*exec.Value)(nil)
		for _, v := range items {
			key, err := sortKey(v, params)
			if err != nil {
				return nil, err
			}
			if bestKey == nil {
				best, bestKey = v, key
				continue
			}
			if _, err := compare("<", key, bestKey); err != nil {
				return nil, err
			}
			if order(key, bestKey)*sign > 0 {
				best, bestKey = v, key
			}
		}
		return best, nil
	}
}

// sortKey is what v is compared by: itself or its attribute, in lower case
// unless the case is said to count.
func sortKey(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	key := v
	if path := argument(params, 1, "attribute", nil); !path.IsNil() {
		if key, _ = attribute(v, path); asUndefined(key) != nil {
			return nil, faultf("there is an item without %s", str(path))
		}
	}
	if key.IsString() && !isTrue(argument(params, 0, "case_sensitive", false)) {
		key = exec.AsValue(strings.ToLower(key.String()))
	}
	return key, nil
}

// summed is sum(attribute, start).
func (m *machine) summed(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	items, err := m.iterate(in)
	if err != nil {
		return nil, err
	}
	total, path := argument(params, 1, "start", 0), argument(params, 0, "attribute", nil)
	for _, v := range items {
		if !path.IsNil() {
			v, _ = attribute(v, path)
		}
		if total, err = calculate("+", total, v); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// rounded is round(precision, method). common rounds halves to even, as Python
// does.
func rounded(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	places, method := argument(params, 0, "precision", 0), str(argument(params, 1, "method", "common"))
	if !isNumber(in) || !isWhole(places) || whole(places) < -15 || whole(places) > 15 {
		return nil, faultf("round takes a number, and a precision from -15 to 15")
	}
	number, factor := float(in), math.Pow(10, float64(whole(places)))
	switch method {
	case "ceil":
		number = math.Ceil(number*factor) / factor
	case "floor":
		number = math.Floor(number*factor) / factor
	case "common":
		if in.IsInteger() {
			return in, nil
		}
		if whole(places) < 0 {
			number = math.RoundToEven(number*factor) / factor
			break
		}
		number, _ = strconv.ParseFloat(strconv.FormatFloat(number, 'f', whole(places), 64), 64) //nolint:errcheck // it was formatted the line before
	default:
		return nil, faultf("round has the methods common, ceil and floor, not %q", method)
	}
	return exec.AsValue(number), nil
}
