package render

import (
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// target is what takes a value: a name, or several that take its items.
type target struct {
	name  string
	parts []*target
}

// readTarget reads `a`, `a, b` or `(a, b)`.
func readTarget(args *parser.Parser) (*target, error) {
	one, err := readPart(args)
	if err != nil || args.Current(tokens.Comma) == nil {
		return one, err
	}
	t := &target{parts: []*target{one}}
	for args.Match(tokens.Comma) != nil && args.Current(tokens.Name, tokens.LeftParenthesis) != nil {
		one, err := readPart(args)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, one)
	}
	return t, nil
}

func readPart(args *parser.Parser) (*target, error) {
	if args.Match(tokens.LeftParenthesis) != nil {
		t, err := readTarget(args)
		if err == nil && args.Match(tokens.RightParenthesis) == nil {
			err = faultf("a ) is missing")
		}
		return t, err
	}
	name := args.Match(tokens.Name)
	if name == nil {
		return nil, faultf("a name is missing")
	}
	switch name.Val {
	case "true", "false", "none", "True", "False", "None", "loop", "self":
		return nil, faultf("%s cannot be given a value", name.Val)
	}
	return &target{name: name.Val}, nil
}

// bind gives v to the names of t, in the scope of r.
func (m *machine) bind(r *exec.Renderer, t *target, v *exec.Value) error {
	if t.parts == nil {
		return m.store(r, t.name, v)
	}
	items, err := m.iterate(v)
	if err != nil {
		return err
	}
	if len(items) != len(t.parts) {
		return faultf("%d values for %d names", len(items), len(t.parts))
	}
	for i, part := range t.parts {
		if err := m.bind(r, part, items[i]); err != nil {
			return err
		}
	}
	return nil
}

// store sets a variable in the scope of r. A list becomes one that can be
// appended to.
func (m *machine) store(r *exec.Renderer, name string, v *exec.Value) error {
	if err := keep(v, nil); err != nil {
		return err
	}
	if v.Val.IsValid() && v.IsList() && !isTuple(v) {
		if _, ok := v.Interface().(*list); !ok {
			v = join(v, exec.AsValue(&list{}))
		}
	}
	r.Environment.Context.Set(name, v)
	return nil
}

// setTag is {% set target = value %}, or {% set target | filter %}…{% endset %}.
type setTag struct {
	spot
	target  *target
	space   string // of `set space.name`, the namespace
	value   nodes.Expression
	body    *nodes.Wrapper
	filters []*nodes.FilterCall
}

func readSet(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	t := &setTag{spot: at}
	var err error
	if t.target, err = readTarget(args); err != nil {
		return nil, err
	}
	if args.Match(tokens.Dot) != nil {
		t.space = t.target.name
		if t.target, err = readPart(args); err != nil {
			return nil, err
		}
	}
	if args.Match(tokens.Assign) != nil {
		if t.value, err = m.expression(args); err != nil {
			return nil, err
		}
		return t, end(args)
	}
	if t.filters, err = m.chain(args); err != nil {
		return nil, err
	}
	if t.body, _, err = m.body(p, "endset"); err != nil {
		return nil, err
	}
	return t, nil
}

// chain reads `| filter | filter` up to the end of the tag.
func (m *machine) chain(args *parser.Parser) ([]*nodes.FilterCall, error) {
	var filters []*nodes.FilterCall
	for args.Match(tokens.Pipe) != nil {
		f, err := args.ParseFilter()
		if err != nil {
			return nil, err
		}
		if err := m.checkFilter(f); err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	return filters, end(args)
}

func (t *setTag) run(m *machine, r *exec.Renderer) error {
	v, err := t.evaluate(m, r)
	if err != nil {
		return err
	}
	if t.space == "" {
		return m.bind(r, t.target, v)
	}
	held, _ := r.Environment.Context.Get(t.space)
	space, ok := exec.ToValue(held).Interface().(namespace)
	if !ok {
		return faultf("%s is not a namespace: only the keys of one can be set", t.space)
	}
	if err := keep(v, space); err != nil {
		return err
	}
	space[t.target.name] = v.Interface()
	return nil
}

func (t *setTag) evaluate(m *machine, r *exec.Renderer) (*exec.Value, error) {
	if t.body == nil {
		return m.used(r, t.value)
	}
	text, err := m.capture(r, t.body)
	return m.pass(r, exec.AsSafeValue(text), t.filters, err)
}

// pass sends a value through filters.
func (m *machine) pass(r *exec.Renderer, v *exec.Value, filters []*nodes.FilterCall, err error) (*exec.Value, error) {
	for _, f := range filters {
		if err != nil {
			return nil, err
		}
		v, err = m.filter(r, f, v)
	}
	return v, err
}

// withTag is {% with name = value, … %}.
type withTag struct {
	spot
	names  []*target
	values []nodes.Expression
	body   *nodes.Wrapper
}

func readWith(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	t := &withTag{spot: at}
	for !args.End() {
		name, err := readPart(args)
		if err != nil {
			return nil, err
		}
		if args.Match(tokens.Assign) == nil {
			return nil, faultf("a = is missing after %q", name.name)
		}
		value, err := m.single(args)
		if err != nil {
			return nil, err
		}
		t.names, t.values = append(t.names, name), append(t.values, value)
		if args.Match(tokens.Comma) == nil {
			break
		}
	}
	if err := end(args); err != nil {
		return nil, err
	}
	var err error
	t.body, _, err = m.body(p, "endwith")
	return t, err
}

func (t *withTag) run(m *machine, r *exec.Renderer) error {
	sub := r.Inherit()
	for i, name := range t.names {
		v, err := m.eval(r, t.values[i])
		if err != nil {
			return err
		}
		if err := m.bind(sub, name, v); err != nil {
			return err
		}
	}
	return m.walk(sub, t.body.Nodes)
}

// filterTag is {% filter name %}…{% endfilter %}.
type filterTag struct {
	spot
	filters []*nodes.FilterCall
	body    *nodes.Wrapper
}

func readFilter(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	first, err := args.ParseFilter()
	if err != nil {
		return nil, err
	}
	if err := m.checkFilter(first); err != nil {
		return nil, err
	}
	more, err := m.chain(args)
	if err != nil {
		return nil, err
	}
	body, _, err := m.body(p, "endfilter")
	return &filterTag{at, append([]*nodes.FilterCall{first}, more...), body}, err
}

func (t *filterTag) run(m *machine, r *exec.Renderer) error {
	text, err := m.capture(r, t.body)
	v, err := m.pass(r, exec.AsValue(text), t.filters, err)
	if err != nil {
		return err
	}
	_, err = r.Output.Write([]byte(str(v)))
	return err
}

// autoescapeTag is {% autoescape %}, which manifests have no use for.
type autoescapeTag struct {
	spot
	on   nodes.Expression
	body *nodes.Wrapper
}

func readAutoescape(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	on, err := m.expression(args)
	if err != nil {
		return nil, err
	}
	body, _, err := m.body(p, "endautoescape")
	return &autoescapeTag{at, on, body}, err
}

func (t *autoescapeTag) run(m *machine, r *exec.Renderer) error {
	on, err := m.truth(r, t.on)
	if err != nil {
		return err
	}
	sub := r.Inherit()
	sub.Config.AutoEscape = on
	return m.walk(sub, t.body.Nodes)
}
