package render

import (
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
)

// function is what a template can call: a function of ours, a macro, caller,
// super, loop.
type function func(*exec.VarArgs) (*exec.Value, error)

func (m *machine) call(r *exec.Renderer, n *nodes.Call) (*exec.Value, error) {
	params, err := m.params(r, n.Args, n.Kwargs)
	if err != nil {
		return nil, err
	}
	saved := m.at
	saved.token = n.Location
	defer func() { m.at = saved }()
	if attr, ok := n.Func.(*nodes.GetAttribute); ok && attr.Attribute != "" {
		return m.method(r, attr, params)
	}
	fn, err := m.owner(r, n.Func)
	if err != nil {
		return nil, err
	}
	return m.invoke(fn, spell(n.Func), params)
}

// invoke calls a value.
func (m *machine) invoke(fn *exec.Value, name string, params *exec.VarArgs) (*exec.Value, error) {
	run := callable(fn)
	if run == nil {
		return nil, faultf("%s is %s and cannot be called", name, kind(fn))
	}
	out, err := run(params)
	if err != nil {
		return nil, err
	}
	return out, m.fits(out)
}

// callable is fn as a function, or nil.
func callable(fn *exec.Value) function {
	switch fn := fn.Interface().(type) {
	case function:
		return fn
	case *macro:
		return fn.call
	case *loop:
		return fn.call
	}
	return nil
}

// method calls a function that a value holds, or a method of its type.
func (m *machine) method(r *exec.Renderer, n *nodes.GetAttribute, params *exec.VarArgs) (*exec.Value, error) {
	v, err := m.owner(r, n.Node)
	if err != nil {
		return nil, err
	}
	name := n.Attribute
	if own, ok := item(v, exec.AsValue(name)); ok && callable(own) != nil {
		return m.invoke(own, name, params)
	}
	for _, p := range params.Args {
		if err := m.use(p); err != nil {
			return nil, err
		}
	}
	if err := widths(params); err != nil {
		return nil, err
	}
	out, err := m.methodOf(r, v, name, params)
	if err != nil {
		return nil, err
	}
	return out, m.fits(out)
}

// methodOf calls a method of the type of v: ours, or gonja's.
func (m *machine) methodOf(r *exec.Renderer, v *exec.Value, name string, params *exec.VarArgs) (*exec.Value, error) {
	methods := r.Environment.Methods
	var out any
	var err error
	found := false
	switch {
	case v.IsString():
		if own, ok := textMethods[name]; ok {
			return own(v.String(), params)
		}
		if fn, ok := methods.Str.Get(name); ok {
			out, err = fn(v.String(), v, params)
			found = true
		}
	case v.IsDict():
		if own, ok := mappingMethods[name]; ok {
			return own(v, params)
		}
	case v.IsList():
		if own, ok := listMethods[name]; ok {
			return own(v, params)
		}
	case v.IsFloat():
		if fn, ok := methods.Float.Get(name); ok {
			out, err = fn(v.Float(), v, params)
			found = true
		}
	case v.IsInteger():
		if fn, ok := methods.Int.Get(name); ok {
			out, err = fn(v.Integer(), v, params)
			found = true
		}
	}
	if !found {
		return nil, faultf("%s has no method %q", kind(v), name)
	}
	if err != nil {
		return nil, faultf("%s: %s", name, reword(err))
	}
	return exec.ToValue(out), nil
}
