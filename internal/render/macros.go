package render

import (
	"slices"

	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/python"
)

// macro is a macro as a value, where it was defined.
type macro struct {
	*jinja.Macro
	frame *frame
}

// Kind says what it is.
func (c *macro) Kind() string { return "the macro " + c.Name }

// String is what it prints as.
func (c *macro) String() string { return "<Macro '" + c.Name + "'>" }

// Attr gives what is known of the macro.
func (c *macro) Attr(name string) (any, bool) {
	switch name {
	case "name":
		return c.Name, true
	case "arguments":
		out := python.NewTuple()
		for _, p := range c.Parameters {
			out.Items = append(out.Items, p.Name)
		}
		return out, true
	case "catch_kwargs":
		return c.takes("kwargs"), true
	case "catch_varargs":
		return c.takes("varargs"), true
	case "caller":
		return c.Uses["caller"], true
	}
	return nil, false
}

// takes reports whether the body uses one of the names that no parameter has.
func (c *macro) takes(name string) bool { return c.Uses[name] && !c.has(name) }

func (c *macro) has(name string) bool {
	return slices.ContainsFunc(c.Parameters, func(p jinja.Parameter) bool { return p.Name == name })
}

// Call prints the macro. It takes the caller of a {% call %} as the named
// argument caller.
func (c *macro) Call(args python.Args) (any, error) {
	f, escape := c.frame, c.frame.m.escape
	if err := f.m.enter(); err != nil {
		return nil, err
	}
	defer f.m.leave()
	sub := f.in(f.vars.child())
	if err := c.pass(sub, args); err != nil {
		return nil, err
	}
	text, err := sub.capture(sub.vars, c.Body)
	if err != nil {
		return nil, err
	}
	if escape {
		return python.Markup(text), nil
	}
	return text, nil
}

// pass gives the parameters their values.
func (c *macro) pass(sub *frame, args python.Args) error {
	names, values := slices.Clone(args.Names), slices.Clone(args.Values)
	take := func(name string) (any, bool) {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, false
		}
		v := values[i]
		names, values = slices.Delete(names, i, i+1), slices.Delete(values, i, i+1)
		return v, true
	}
	given := map[string]bool{}
	for i, p := range c.Parameters {
		if i < len(args.Pos) {
			sub.vars.set(p.Name, args.Pos[i])
			given[p.Name] = true
		} else if v, ok := take(p.Name); ok {
			sub.vars.set(p.Name, v)
			given[p.Name] = true
		}
	}
	if c.takes("caller") {
		caller, ok := take("caller")
		if !ok {
			caller = sub.m.nothing("%q is not defined: %s was not called by a call", "caller", c.Name)
		}
		sub.vars.set("caller", caller)
	}
	if err := c.rest(sub, args.Pos, names, values); err != nil {
		return err
	}
	return c.defaults(sub, given)
}

// rest gives a macro that asks for them the arguments that no parameter took.
func (c *macro) rest(sub *frame, pos []any, names []string, values []any) error {
	rest := pos[min(len(c.Parameters), len(pos)):]
	if c.takes("kwargs") {
		d := python.NewDict()
		for i, name := range names {
			if err := d.Set(name, values[i]); err != nil {
				return err
			}
		}
		sub.vars.set("kwargs", d)
	} else if len(names) > 0 {
		var known []string
		for _, p := range c.Parameters {
			known = append(known, p.Name)
		}
		return faultf("macro %s has no parameter %q%s", c.Name, names[0], suggest(names[0], known))
	}
	if c.takes("varargs") {
		sub.vars.set("varargs", python.NewTuple(rest...))
	} else if len(rest) > 0 {
		return faultf("macro %s takes %d values, not %d", c.Name, len(c.Parameters), len(pos))
	}
	return nil
}

// defaults gives the parameters without a value their defaults, from left to
// right.
func (c *macro) defaults(sub *frame, given map[string]bool) error {
	for _, p := range c.Parameters {
		if given[p.Name] {
			continue
		}
		if p.Default == nil {
			sub.vars.set(p.Name, sub.m.parameter(c, p.Name))
			continue
		}
		v, err := eval(sub, p.Default)
		if err != nil {
			return err
		}
		sub.vars.set(p.Name, v)
	}
	return nil
}

// parameter is the value of one that was not given. Where it is used says what
// is missing; see named.
func (m *machine) parameter(c *macro, name string) *python.Undefined {
	return m.nothing("%q is not defined: macro %s was called without it", name, c.Name)
}

func runCall(f *frame, n *jinja.CallBlock) error {
	fn, err := eval(f, n.Call.Fn)
	if err != nil {
		return err
	}
	args, err := arguments(f, &n.Call.Args)
	if err != nil {
		return err
	}
	args.Names = append(args.Names, "caller")
	args.Values = append(args.Values, &macro{Macro: n.Caller, frame: f.in(f.vars)})
	out, err := call(f, fn, n.Call, args)
	if err != nil {
		return err
	}
	return printAsIs(f, out)
}
