package render

import (
	"slices"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/exec"
)

// filter is a filter of ours. in may be undefined for those in takesUndefined.
type filter func(in *exec.Value, params *exec.VarArgs) (*exec.Value, error)

// borrowed are the filters that gonja has as Jinja has them. Not among them are
// random, because the same values have to print the same text, and xmlattr and
// urlize, which are for web pages and let through what Jinja refuses.
var borrowed = []string{
	"abs", "batch", "dictsort", "filesizeformat", "float", "groupby", "int", "safe", "slice", "sort", "unique",
	"urlencode",
}

// borrowedOfTexts are those of them that are for texts: what is none is made one.
var borrowedOfTexts = []string{
	"capitalize", "center", "e", "escape", "forceescape", "indent", "lower", "striptags", "title", "trim",
	"truncate", "upper", "wordcount", "wordwrap",
}

// takesUndefined are the filters that make something of an undefined value.
var takesUndefined = []string{"default", "d", "required"}

// filters are those of every template: gonja's, ours in place of gonja's where
// Jinja has it otherwise, and those that Kubernetes manifests need.
func (m *machine) filters() *exec.FilterSet {
	ours := map[string]filter{
		"default": defaultTo, "d": defaultTo, "tojson": htmlJSON, "reverse": reversed, "items": pairs, "join": m.joined,
		"list": m.listed, "replace": replaced, "length": length, "count": length, "string": text, "pprint": pretty,
		"first": first, "last": last, "max": m.extreme(1), "min": m.extreme(-1), "sum": m.summed, "round": rounded,
		"attr": attr, "format": formatted, "map": m.mapped, "select": m.selector(true, false), "reject": m.selector(false, false),
		"selectattr": m.selector(true, true), "rejectattr": m.selector(false, true),
		"to_yaml": toYAML, "to_json": toJSON, "from_yaml": fromYAML, "b64encode": b64encode, "b64decode": b64decode,
		"quote": quoted, "sha256": sha256Sum, "required": required, "ternary": ternary, "regex_replace": regexReplace,
	}
	set := map[string]exec.FilterFunction{}
	for _, name := range borrowed {
		fn, _ := builtins.Filters.Get(name)
		set[name] = m.guard(fn, false)
	}
	for _, name := range borrowedOfTexts {
		fn, _ := builtins.Filters.Get(name)
		set[name] = m.guard(fn, true)
	}
	for name, fn := range ours {
		set[name] = m.adapt(fn, slices.Contains(takesUndefined, name))
	}
	for name := range set {
		m.filterNames = append(m.filterNames, name)
	}
	slices.Sort(m.filterNames)
	return exec.NewFilterSet(set)
}

// guard keeps what gonja's filters do not expect away from them.
func (m *machine) guard(fn exec.FilterFunction, ofTexts bool) exec.FilterFunction {
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if err := m.use(in); err != nil {
			return exec.AsValue(err)
		}
		if asUndefined(in) != nil {
			in = exec.AsValue("")
		}
		var err error
		for i, p := range params.Args {
			if params.Args[i], err = m.plainly(p); err != nil {
				return exec.AsValue(err)
			}
		}
		if err := widths(params); err != nil {
			return exec.AsValue(err)
		}
		if ofTexts && !in.IsString() {
			in = exec.AsValue(str(in))
		}
		return fn(e, in, params)
	}
}

// plainly is v, or nothing in place of an undefined value in lenient mode.
func (m *machine) plainly(v *exec.Value) (*exec.Value, error) {
	if err := m.use(v); err != nil {
		return nil, err
	}
	if asUndefined(v) != nil {
		return exec.AsValue(nil), nil
	}
	return v, nil
}

// widths refuses arguments that make a text or list very long.
func widths(params *exec.VarArgs) error {
	args := slices.Clone(params.Args)
	for _, p := range params.KwArgs {
		args = append(args, p)
	}
	for _, p := range args {
		if p.IsNumber() && (p.Float() > maxWidth || p.Float() < -maxWidth) {
			return faultf("%s is more than %d", str(p), maxWidth)
		}
	}
	return nil
}

func (m *machine) adapt(fn filter, takesUndefined bool) exec.FilterFunction {
	return func(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if !takesUndefined {
			if err := m.use(in); err != nil {
				return exec.AsValue(err)
			}
		}
		out, err := fn(in, params)
		if err != nil {
			return exec.AsValue(err)
		}
		return out
	}
}

// argument is the value at position i, or the one called name, or absent.
func argument(params *exec.VarArgs, i int, name string, absent any) *exec.Value {
	if i < len(params.Args) {
		return params.Args[i]
	}
	if v, ok := params.KwArgs[name]; ok {
		return v
	}
	return exec.AsValue(absent)
}

func defaultTo(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	empty := isTrue(argument(params, 1, "boolean", false)) && !isTrue(in)
	if asUndefined(in) != nil || empty {
		return argument(params, 0, "default_value", ""), nil
	}
	return in, nil
}

func reversed(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	if !in.CanSlice() {
		return nil, faultf("%s cannot be reversed", kind(in))
	}
	step := -1
	return cut(in, [3]*int{nil, nil, &step}), nil
}

func pairs(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	if !in.IsDict() && asUndefined(in) == nil {
		return nil, faultf("%s is not a mapping", kind(in))
	}
	return listOf(pairsOf(in)), nil
}

func listOf(items []*exec.Value) *exec.Value {
	out := make(list, len(items))
	for i, v := range items {
		out[i] = v.Interface()
	}
	return exec.AsValue(&out)
}

func (m *machine) listed(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	items, err := m.iterate(in)
	return listOf(items), err
}

func length(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	items, ok := itemsOf(in)
	if !ok {
		return nil, faultf("%s has no length", kind(in))
	}
	return exec.AsValue(len(items)), nil
}

func text(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return exec.AsValue(str(in)), nil }

// pretty is pprint of what fits on one line.
func pretty(in *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
	out := repr(in)
	if len(out) > 80 {
		return nil, faultf("pprint: the value is too long for a line of 80 characters")
	}
	return exec.AsValue(out), nil
}

func replaced(in *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	if len(params.Args) < 2 {
		return nil, faultf("replace needs what to replace, and what with")
	}
	return replace(str(in), params)
}
