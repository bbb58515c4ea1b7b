package jinja

import "github.com/kpm-sh/kpm/internal/jinja/expr"

// Walk visits every expression of a template in the order of the text.
func Walk(t *Template, visit func(expr.Expr) error) error {
	w := walker{visit}
	return w.body(t.Body)
}

type walker struct{ visit func(expr.Expr) error }

func (w walker) body(list []Stmt) error {
	for _, n := range list {
		if err := w.stmt(n); err != nil {
			return err
		}
	}
	return nil
}

// in visits expressions, then bodies.
func (w walker) in(exprs []expr.Expr, bodies ...[]Stmt) error {
	for _, x := range exprs {
		if err := w.expr(x); err != nil {
			return err
		}
	}
	for _, b := range bodies {
		if err := w.body(b); err != nil {
			return err
		}
	}
	return nil
}

func (w walker) stmt(n Stmt) error {
	switch n := n.(type) {
	case *Print:
		return w.in(n.Values)
	case *If:
		for _, b := range n.Branches {
			if err := w.in([]expr.Expr{b.Test}, b.Body); err != nil {
				return err
			}
		}
		return w.body(n.Else)
	case *For:
		return w.in([]expr.Expr{n.Value, n.Test}, n.Body, n.Else)
	case *Set:
		return w.expr(n.Value)
	case *SetBlock:
		return w.in(filtersOf(n.Filters), n.Body)
	case *With:
		return w.in(n.Values, n.Body)
	case *FilterBlock:
		return w.in(filtersOf(n.Filters), n.Body)
	case *Block:
		return w.body(n.Body)
	case *Autoescape:
		return w.in([]expr.Expr{n.On}, n.Body)
	}
	return w.others(n)
}

func (w walker) others(n Stmt) error {
	switch n := n.(type) {
	case *Macro:
		return w.in(defaultsOf(n), n.Body)
	case *CallBlock:
		return w.in(append(defaultsOf(n.Caller), n.Call), n.Caller.Body)
	case *Extends:
		return w.expr(n.Template)
	case *Include:
		return w.expr(n.Template)
	case *Import:
		return w.expr(n.Template)
	case *FromImport:
		return w.expr(n.Template)
	}
	return nil
}

func filtersOf(list []*expr.Filter) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, f := range list {
		out[i] = f
	}
	return out
}

func defaultsOf(m *Macro) []expr.Expr {
	var out []expr.Expr
	for _, p := range m.Parameters {
		out = append(out, p.Default)
	}
	return out
}

func (w walker) expr(x expr.Expr) error {
	if x == nil {
		return nil
	}
	for _, part := range expr.Parts(x) {
		if err := w.expr(part); err != nil {
			return err
		}
	}
	return w.visit(x)
}
