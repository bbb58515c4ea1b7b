package render

import (
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// eval gives the value of an expression in the scope of r. It may be undefined:
// who uses it says so (see use).
func (m *machine) eval(r *exec.Renderer, n nodes.Node) (*exec.Value, error) {
	if err := m.step(); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *nodes.None:
		return exec.AsValue(nil), nil
	case *nodes.String:
		return exec.AsValue(m.literal(n.Location)), nil
	case *nodes.Integer:
		return exec.AsValue(n.Val), nil
	case *nodes.Float:
		return exec.AsValue(n.Val), nil
	case *nodes.Bool:
		return exec.AsValue(n.Val), nil
	case *nodes.Name:
		return m.name(r, n)
	case *nodes.GetAttribute, *nodes.GetItem, *nodes.GetSlice:
		return m.access(r, n)
	case *nodes.Call:
		return m.call(r, n)
	default:
		return m.compound(r, n)
	}
}

// compound is eval for what is made of other expressions.
func (m *machine) compound(r *exec.Renderer, n nodes.Node) (*exec.Value, error) {
	switch n := n.(type) {
	case *nodes.List:
		items, err := m.each(r, n.Val)
		l := list(items)
		return exec.AsValue(&l), err
	case *nodes.Tuple:
		items, err := m.each(r, n.Val)
		return exec.AsValue(tuple(items)), err
	case *nodes.Dict:
		return m.mapping(r, n)
	case *nodes.Negation:
		yes, err := m.truth(r, n.Term)
		return exec.AsValue(!yes), err
	case *nodes.BinaryExpression:
		return m.binary(r, n)
	case *nodes.UnaryExpression:
		return m.unary(r, n)
	case *nodes.FilteredExpression:
		return m.filtered(r, n)
	case *nodes.TestExpression:
		return m.test(r, n)
	case *choice:
		return m.choose(r, n)
	}
	return nil, faultf("a value is missing")
}

// choice is `value if condition else other`.
type choice struct{ value, condition, other nodes.Expression }

func (c *choice) Position() *tokens.Token { return c.value.Position() }
func (c *choice) String() string          { return "if" }

func (m *machine) choose(r *exec.Renderer, c *choice) (*exec.Value, error) {
	yes, err := m.truth(r, c.condition)
	switch {
	case err != nil:
		return nil, err
	case yes:
		return m.eval(r, c.value)
	case c.other != nil:
		return m.eval(r, c.other)
	}
	return exec.AsValue(""), nil
}

// used is eval for a value that has to be there.
func (m *machine) used(r *exec.Renderer, n nodes.Node) (*exec.Value, error) {
	v, err := m.eval(r, n)
	if err != nil {
		return nil, err
	}
	return v, m.use(v)
}

// truth reports whether an expression counts as true.
func (m *machine) truth(r *exec.Renderer, n nodes.Node) (bool, error) {
	v, err := m.used(r, n)
	if err != nil {
		return false, err
	}
	return isTrue(v), nil
}

func (m *machine) each(r *exec.Renderer, list []nodes.Expression) ([]any, error) {
	items := make([]any, len(list))
	for i, n := range list {
		v, err := m.used(r, n)
		if err != nil {
			return nil, err
		}
		items[i] = v.Interface()
	}
	return items, nil
}

// mapping gives a mapping in the order in which it is written.
func (m *machine) mapping(r *exec.Renderer, n *nodes.Dict) (*exec.Value, error) {
	d := exec.NewDict()
	for _, pair := range n.Pairs {
		key, err := m.used(r, pair.Key)
		if err != nil {
			return nil, err
		}
		value, err := m.used(r, pair.Value)
		if err != nil {
			return nil, err
		}
		put(d, key, value)
	}
	return exec.AsValue(d), nil
}

// name looks a variable up.
func (m *machine) name(r *exec.Renderer, n *nodes.Name) (*exec.Value, error) {
	m.at.token = n.Name
	value, ok := r.Environment.Context.Get(n.Name.Val)
	v := exec.ToValue(value)
	if u := asUndefined(v); u != nil { // a parameter without a value
		here := *u
		here.at = m.at
		return exec.AsValue(&here), nil
	}
	if ok {
		return v, nil
	}
	known := append([]string(nil), m.globals...)
	if s := m.sources[m.at.file]; s != nil {
		known = append(known, s.names...)
	}
	return exec.AsValue(&undefined{what: n.Name.Val, name: n.Name.Val, known: known, at: m.at}), nil
}

// filtered applies filters, from left to right.
func (m *machine) filtered(r *exec.Renderer, n *nodes.FilteredExpression) (*exec.Value, error) {
	v, err := m.eval(r, n.Expression)
	for _, f := range n.Filters {
		if err != nil {
			return nil, err
		}
		v, err = m.filter(r, f, v)
	}
	return v, err
}

func (m *machine) filter(r *exec.Renderer, f *nodes.FilterCall, v *exec.Value) (*exec.Value, error) {
	params, err := m.params(r, f.Args, f.Kwargs)
	if err != nil {
		return nil, err
	}
	m.at.token = f.Token
	run, ok := m.env.Filters.Get(f.Name)
	if !ok {
		return nil, faultf("unknown filter %q", f.Name)
	}
	out := run(r.Evaluator(), v, params)
	if err := failed(out); err != nil {
		return nil, err
	}
	return out, m.fits(out)
}

func (m *machine) test(r *exec.Renderer, n *nodes.TestExpression) (*exec.Value, error) {
	v, err := m.eval(r, n.Expression)
	if err != nil {
		return nil, err
	}
	params, err := m.params(r, n.Test.Args, n.Test.Kwargs)
	if err != nil {
		return nil, err
	}
	m.at.token = n.Test.Token
	run, ok := m.testTable[n.Test.Name]
	if !ok {
		return nil, faultf("unknown test %q", n.Test.Name)
	}
	yes, err := run(v, params)
	return exec.AsValue(yes), err
}

// params evaluates the arguments of a call, filter or test.
func (m *machine) params(r *exec.Renderer, args []nodes.Expression, named map[string]nodes.Expression) (*exec.VarArgs, error) {
	params := exec.NewVarArgs()
	for _, n := range args {
		v, err := m.eval(r, n)
		if err != nil {
			return nil, err
		}
		params.Args = append(params.Args, v)
	}
	for name, n := range named {
		v, err := m.eval(r, n)
		if err != nil {
			return nil, err
		}
		params.KwArgs[name] = v
	}
	return params, nil
}
