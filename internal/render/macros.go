package render

import (
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// parameter is one of a macro; value is its default, nil when it has none.
type parameter struct {
	name  string
	value nodes.Expression
}

// readParameters reads what is in the parentheses of a macro or call.
func (m *machine) readParameters(args *parser.Parser) ([]parameter, error) {
	var out []parameter
	for args.Match(tokens.RightParenthesis) == nil {
		name, err := readPart(args)
		if err != nil {
			return nil, err
		}
		p := parameter{name: name.name}
		if args.Match(tokens.Assign) != nil {
			if p.value, err = m.single(args); err != nil {
				return nil, err
			}
		} else if n := len(out); n > 0 && out[n-1].value != nil {
			return nil, faultf("%s has no default, but what is before it has", p.name)
		}
		out = append(out, p)
		if args.Match(tokens.Comma) == nil && args.Current(tokens.RightParenthesis) == nil {
			return nil, faultf("a comma or ) is missing")
		}
	}
	return out, nil
}

// macroTag is {% macro name(parameters) %}.
type macroTag struct {
	spot
	name       string
	parameters []parameter
	body       *nodes.Wrapper
}

func readMacro(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	name, err := readPart(args)
	if err != nil {
		return nil, err
	}
	if args.Match(tokens.LeftParenthesis) == nil {
		return nil, faultf("a ( is missing after %q", name.name)
	}
	parameters, err := m.readParameters(args)
	if err != nil {
		return nil, err
	}
	if err := end(args); err != nil {
		return nil, err
	}
	body, _, err := m.body(p, "endmacro")
	return &macroTag{at, name.name, parameters, body}, err
}

func (t *macroTag) run(m *machine, r *exec.Renderer) error {
	return m.store(r, t.name, exec.AsValue(&macro{m: m, scope: r, macroTag: t}))
}

// macro is a macro as a value, in the scope where it was defined.
type macro struct {
	*macroTag
	m     *machine
	scope *exec.Renderer
}

// GetAttribute gives the name of the macro.
func (c *macro) GetAttribute(name string) (*exec.Value, bool) {
	if name == "name" {
		return exec.AsValue(c.name), true
	}
	return nil, false
}

// call prints the macro with params. It takes the caller of a {% call %} as
// the named argument caller.
func (c *macro) call(params *exec.VarArgs) (*exec.Value, error) {
	if err := c.m.enter(); err != nil {
		return nil, err
	}
	defer c.m.leave()
	saved := c.m.at
	c.m.at = c.place()
	sub := c.scope.Inherit()
	if err := c.pass(sub, params); err != nil {
		c.m.at = saved
		return nil, err
	}
	text, err := c.m.capture(sub, c.body)
	if err != nil {
		return nil, err
	}
	c.m.at = saved
	return exec.AsSafeValue(text), nil
}

// pass gives the parameters their values.
func (c *macro) pass(sub *exec.Renderer, params *exec.VarArgs) error {
	scope := sub.Environment.Context
	named := map[string]any{}
	for name, v := range params.KwArgs {
		named[name] = v.Interface()
	}
	scope.Set("caller", &undefined{what: "caller", name: "caller", at: c.m.at})
	if v, ok := params.KwArgs["caller"]; ok {
		scope.Set("caller", v)
		delete(named, "caller")
	}
	rest := params.Args
	for _, p := range c.parameters {
		v := params.KwArgs[p.name]
		delete(named, p.name)
		switch {
		case len(rest) > 0 && v != nil:
			return faultf("macro %s got %s twice", c.name, p.name)
		case len(rest) > 0:
			v, rest = rest[0], rest[1:]
		case v == nil && p.value != nil:
			var err error
			if v, err = c.m.eval(sub, p.value); err != nil {
				return err
			}
		case v == nil:
			v = exec.AsValue(&undefined{what: p.name, name: p.name, at: c.m.at})
		}
		if err := c.m.store(sub, p.name, v); err != nil {
			return err
		}
	}
	return c.passRest(scope, rest, named)
}

// passRest gives a macro that asks for them the arguments that no parameter took.
func (c *macro) passRest(scope *exec.Context, rest []*exec.Value, named map[string]any) error {
	s := c.m.sources[c.file]
	if len(rest) > 0 && !s.says("varargs") {
		return faultf("macro %s takes %d values, not %d", c.name, len(c.parameters), len(c.parameters)+len(rest))
	}
	for name := range named {
		if !s.says("kwargs") {
			return faultf("macro %s has no parameter %q", c.name, name)
		}
	}
	var values tuple
	for _, v := range rest {
		values = append(values, v.Interface())
	}
	scope.Set("varargs", values)
	scope.Set("kwargs", named)
	return nil
}

// says reports whether a word is in a tag of the source.
func (s *source) says(word string) bool {
	for _, t := range s.tags {
		for _, w := range t.words {
			if w.text == word {
				return true
			}
		}
	}
	return false
}

// callTag is {% call(parameters) macro(values) %}: its body is the macro's
// caller.
type callTag struct {
	spot
	parameters []parameter
	value      *nodes.Call
	body       *nodes.Wrapper
}

func readCall(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	t := &callTag{spot: at}
	var err error
	if args.Match(tokens.LeftParenthesis) != nil {
		if t.parameters, err = m.readParameters(args); err != nil {
			return nil, err
		}
	}
	value, err := m.single(args)
	if err != nil {
		return nil, err
	}
	var ok bool
	if t.value, ok = value.(*nodes.Call); !ok {
		return nil, faultf("call needs a macro and its values in parentheses")
	}
	if err := end(args); err != nil {
		return nil, err
	}
	t.body, _, err = m.body(p, "endcall")
	return t, err
}

func (t *callTag) run(m *machine, r *exec.Renderer) error {
	fn, err := m.owner(r, t.value.Func)
	if err != nil {
		return err
	}
	params, err := m.params(r, t.value.Args, t.value.Kwargs)
	if err != nil {
		return err
	}
	caller := &macro{m: m, scope: r, macroTag: &macroTag{t.spot, "caller", t.parameters, t.body}}
	params.KwArgs["caller"] = exec.AsValue(caller)
	out, err := m.invoke(fn, spell(t.value.Func), params)
	if err != nil {
		return err
	}
	_, err = r.Output.Write([]byte(str(out)))
	return err
}
