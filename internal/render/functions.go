package render

import (
	"maps"
	"slices"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// functions are the names that every template knows besides its values. None
// knows the time or makes up anything: the same values print the same text.
func functions() map[string]any {
	return map[string]any{
		"range": function(span), "dict": function(newMapping), "namespace": function(newNamespace),
		"cycler": function(newCycler), "joiner": function(newJoiner),
		"none": nil,
	}
}

// span is range([start,] stop[, step]).
func span(params *exec.VarArgs) (*exec.Value, error) {
	bounds := []int{0, 0, 1}
	for i, p := range params.Args {
		if !isWhole(p) || len(params.Args) > 3 {
			return nil, faultf("range takes one to three whole numbers")
		}
		bounds[min(i, 2)] = whole(p)
	}
	switch len(params.Args) {
	case 0:
		return nil, faultf("range takes one to three whole numbers")
	case 1:
		bounds[0], bounds[1] = 0, bounds[0]
	}
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		return nil, faultf("range has the step 0")
	}
	out := list{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(out) == MaxItems {
			return nil, faultf("range has more than %d numbers", MaxItems)
		}
		out = append(out, i)
	}
	return exec.AsValue(&out), nil
}

// newMapping is dict(mapping, key=value, …).
func newMapping(params *exec.VarArgs) (*exec.Value, error) {
	d := exec.NewDict()
	for _, p := range params.Args {
		if err := merge(d, p); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(params.KwArgs)) {
		put(d, exec.AsValue(name), params.KwArgs[name])
	}
	return exec.AsValue(d), nil
}

// merge adds what v holds, a mapping or pairs, to d.
func merge(d *exec.Dict, v *exec.Value) error {
	items := pairsOf(v)
	if !v.IsDict() {
		var ok bool
		if items, ok = itemsOf(v); !ok {
			return faultf("%s is not a mapping", kind(v))
		}
	}
	for _, pair := range items {
		two, _ := itemsOf(pair)
		if len(two) != 2 {
			return faultf("%s is not a mapping", kind(v))
		}
		put(d, two[0], two[1])
	}
	return nil
}

// newNamespace is namespace(key=value, …).
func newNamespace(params *exec.VarArgs) (*exec.Value, error) {
	d, err := newMapping(params)
	if err != nil {
		return nil, err
	}
	out := namespace{}
	for _, p := range d.Interface().(*exec.Dict).Pairs {
		out[str(p.Key)] = p.Value.Interface()
	}
	return exec.AsValue(out), nil
}

// newCycler is cycler(values…): next() gives one after the other.
func newCycler(params *exec.VarArgs) (*exec.Value, error) {
	if len(params.Args) == 0 {
		return nil, faultf("cycler needs values")
	}
	return exec.AsValue(&cycler{items: params.Args}), nil
}

type cycler struct {
	items []*exec.Value
	at    int
}

// GetAttribute gives next, reset and current.
func (c *cycler) GetAttribute(name string) (*exec.Value, bool) {
	switch name {
	case "current":
		return c.items[c.at], true
	case "next":
		return exec.AsValue(function(func(*exec.VarArgs) (*exec.Value, error) {
			now := c.items[c.at]
			c.at = (c.at + 1) % len(c.items)
			return now, nil
		})), true
	case "reset":
		return exec.AsValue(function(func(*exec.VarArgs) (*exec.Value, error) {
			c.at = 0
			return exec.AsValue(nil), nil
		})), true
	}
	return nil, false
}

// newJoiner is joiner(separator): a function that gives nothing at first, the
// separator from then on.
func newJoiner(params *exec.VarArgs) (*exec.Value, error) {
	separator := ", "
	for _, p := range params.Args {
		separator = str(p)
	}
	if p := params.KwArgs["sep"]; p != nil {
		separator = str(p)
	}
	used := false
	return exec.AsValue(function(func(*exec.VarArgs) (*exec.Value, error) {
		if used {
			return exec.AsValue(separator), nil
		}
		used = true
		return exec.AsValue(""), nil
	})), nil
}
