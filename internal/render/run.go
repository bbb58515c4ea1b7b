package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
)

// run renders a template into out. vars holds what it sees.
func (m *machine) run(file string, vars *scope, out *output) (*page, error) {
	t, err := m.template(file)
	if err != nil {
		return nil, err
	}
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.leave()
	p := &page{m: m, top: vars, exported: map[string]bool{}, blocks: map[string][]*block{}}
	vars.set("self", &self{p})
	own := &output{page: p}
	f := &frame{page: p, file: file, vars: vars, out: own, outer: true}
	p.add(file, t)
	for range MaxNesting {
		if err := f.walk(t.Body); err != nil {
			return nil, err
		}
		if p.parent == nil {
			return p, m.move(out, own)
		}
		t, f.file, p.parent = p.parent, p.from, nil
	}
	return nil, problem(file, 1, "%q extends itself, or more than %d others", file, MaxNesting)
}

// move prints what was printed to own, which was counted then.
func (m *machine) move(out, own *output) error {
	m.written -= own.Len()
	m.printed -= own.Len()
	return m.print(out, own.String())
}

// walk runs tags in order.
func (f *frame) walk(list []jinja.Stmt) error {
	for _, n := range list {
		if err := f.m.step(); err != nil {
			return err
		}
		if err := run(f, n); err != nil {
			return locate(f.file, n.At(), err)
		}
	}
	return nil
}

// capture gives what body prints with the variables of vars.
func (f *frame) capture(vars *scope, body []jinja.Stmt) (string, error) {
	sub := f.in(vars)
	sub.out = &output{}
	if err := sub.walk(body); err != nil {
		return "", err
	}
	return sub.out.String(), nil
}
