package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/python"
)

// scopeOf is what a template that f includes or imports sees.
func scopeOf(f *frame, withContext bool) *scope {
	if withContext {
		return f.vars.child()
	}
	return f.m.base.child()
}

func runInclude(f *frame, n *jinja.Include) error {
	v, err := eval(f, n.Template)
	if err != nil {
		return err
	}
	find := f.m.exists
	if n.IgnoreMissing {
		find = f.m.find
	}
	file, err := find(v)
	if err != nil || file == "" {
		return err
	}
	_, err = f.m.run(file, scopeOf(f, n.WithContext), f.out)
	return err
}

// module is a template that was imported.
type module struct {
	file string
	vars *python.Dict
	text string
}

// Kind says what it is.
func (m *module) Kind() string { return "the template " + m.file }

// String is what the template printed.
func (m *module) String() string { return m.text }

// Attr gives what the template exports.
func (m *module) Attr(name string) (any, bool) { return m.vars.Text(name) }

func load(f *frame, name expr.Expr, withContext bool) (*module, error) {
	v, err := eval(f, name)
	if err != nil {
		return nil, err
	}
	file, err := f.m.exists(v)
	if err != nil {
		return nil, err
	}
	vars, out := scopeOf(f, withContext), &output{}
	p, err := f.m.run(file, vars, out)
	if err != nil {
		return nil, err
	}
	m := &module{file: file, vars: python.NewDict(), text: out.String()}
	for name, yes := range p.exported {
		if v, ok := vars.vars[name]; ok && yes {
			m.vars.SetText(name, v)
		}
	}
	return m, nil
}

func runImport(f *frame, n *jinja.Import) error {
	m, err := load(f, n.Template, n.WithContext)
	if err != nil {
		return err
	}
	f.hide(n.Alias, m)
	return nil
}

func runFromImport(f *frame, n *jinja.FromImport) error {
	m, err := load(f, n.Template, n.WithContext)
	if err != nil {
		return err
	}
	for _, a := range n.Names {
		v, ok := m.Attr(a.There)
		if !ok {
			v = f.m.nothing("%q is not defined: %s exports nothing of that name%s", a.There, m.file, suggest(a.There, textsOf(m.vars.Keys())))
		}
		f.hide(a.Here, v)
	}
	return nil
}
