package jinja

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/jinja/token"
)

func readIf(s *statements, from token.Pos) (Stmt, error) {
	out := &If{}
	for {
		test, err := s.Tuple(false, false)
		if err != nil {
			return nil, err
		}
		body, end, err := s.inside("if", "elif", "else", "endif")
		if err != nil {
			return nil, err
		}
		out.Branches = append(out.Branches, Branch{test, body})
		if end == "else" {
			if out.Else, end, err = s.inside("else", "endif"); err != nil {
				return nil, err
			}
		}
		if end == "endif" {
			out.Span = s.Span(from)
			return out, nil
		}
	}
}

func readFor(s *statements, from token.Pos) (Stmt, error) {
	out := &For{}
	var err error
	if out.Target, err = s.target(false); err != nil {
		return nil, err
	}
	if out.Target.gives("loop") {
		return nil, s.Errorf(s.Now().From, "loop cannot be given a value in a for")
	}
	if err = s.Want("in", "after the names of the for"); err != nil {
		return nil, err
	}
	if out.Value, err = s.Tuple(false, false); err != nil {
		return nil, err
	}
	if s.Skip("if") {
		if out.Test, err = s.Expression(); err != nil {
			return nil, err
		}
	}
	out.Recursive = s.Skip("recursive")
	end := ""
	uses, err := s.watch(func() (err error) {
		out.Body, end, err = s.inside("for", "else", "endfor")
		return err
	})
	if err != nil {
		return nil, err
	}
	out.UsesLoop = uses["loop"]
	if end == "else" {
		if out.Else, _, err = s.inside("else", "endfor"); err != nil {
			return nil, err
		}
	}
	out.Span = s.Span(from)
	return out, nil
}

// gives reports whether a target gives a value to name.
func (t *Target) gives(name string) bool {
	for _, part := range t.Parts {
		if part.gives(name) {
			return true
		}
	}
	return t.Name == name && t.Attr == ""
}

func readSet(s *statements, from token.Pos) (Stmt, error) {
	target, err := s.target(true)
	if err != nil {
		return nil, err
	}
	if s.Skip("=") {
		value, err := s.Tuple(true, false)
		return &Set{s.Span(from), target, value}, err
	}
	out := &SetBlock{Target: target}
	if s.Skip("|") {
		if out.Filters, err = s.filters(); err != nil {
			return nil, err
		}
	}
	if s.Now().Class != token.ClassClose {
		return nil, s.Unexpected("= is missing after %s", target.Name)
	}
	out.Body, _, err = s.inside("set", "endset")
	out.Span = s.Span(from)
	return out, err
}

// filters reads `name | name`.
func (s *statements) filters() ([]*expr.Filter, error) {
	var out []*expr.Filter
	for {
		f, err := s.Filter(s.From(), nil)
		if err != nil {
			return nil, err
		}
		if out = append(out, f); !s.Skip("|") {
			return out, nil
		}
	}
}

func readFilter(s *statements, from token.Pos) (Stmt, error) {
	filters, err := s.filters()
	if err != nil {
		return nil, err
	}
	body, _, err := s.inside("filter", "endfilter")
	return &FilterBlock{s.Span(from), filters, body}, err
}

func readWith(s *statements, from token.Pos) (Stmt, error) {
	out := &With{}
	for s.Now().Class != token.ClassClose {
		if len(out.Targets) > 0 {
			if err := s.Want(",", "between the names of the with"); err != nil {
				return nil, err
			}
		}
		target, err := s.target(false)
		if err != nil {
			return nil, err
		}
		if err := s.Want("=", "after "+target.Name); err != nil {
			return nil, err
		}
		value, err := s.Expression()
		if err != nil {
			return nil, err
		}
		out.Targets, out.Values = append(out.Targets, target), append(out.Values, value)
	}
	var err error
	out.Body, _, err = s.inside("with", "endwith")
	out.Span = s.Span(from)
	return out, err
}

func readMacro(s *statements, from token.Pos) (Stmt, error) {
	name, err := s.assigned()
	if err != nil {
		return nil, err
	}
	if !s.Now().Is("(") {
		return nil, s.Unexpected("( is missing after the name of the macro")
	}
	m := &Macro{Name: name}
	if err := s.macro(m, "macro", nil); err != nil {
		return nil, err
	}
	m.Span = s.Span(from)
	return m, nil
}

// macro reads the parameters of a macro, what else is in its tag, and its body.
func (s *statements) macro(m *Macro, tag string, rest func() error) error {
	var err error
	if s.Now().Is("(") {
		if m.Parameters, err = s.parameters(); err != nil {
			return err
		}
	}
	if rest != nil {
		if err := rest(); err != nil {
			return err
		}
	}
	m.Uses, err = s.watch(func() (err error) {
		m.Body, _, err = s.inside(tag, "end"+tag)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range m.Parameters {
		if p.Name == "caller" && p.Default == nil && m.Uses["caller"] {
			return &token.Error{Pos: p.From, Message: "the parameter caller needs a default"}
		}
	}
	return nil
}

func (s *statements) parameters() ([]Parameter, error) {
	var out []Parameter
	seen := map[string]bool{}
	s.Next()
	for !s.Now().Is(")") {
		if len(out) > 0 {
			if err := s.Want(",", "between the parameters"); err != nil {
				return nil, err
			}
		}
		from := s.From()
		name, err := s.assigned()
		if err != nil {
			return nil, err
		}
		p := Parameter{Name: name}
		if s.Skip("=") {
			if p.Default, err = s.Expression(); err != nil {
				return nil, err
			}
		} else if n := len(out); n > 0 && out[n-1].Default != nil {
			return nil, &token.Error{Pos: from, Message: name + " has no default, but what is before it has"}
		}
		if seen[name] {
			return nil, &token.Error{Pos: from, Message: "the parameter " + name + " is there twice"}
		}
		seen[name] = true
		p.Span = s.Span(from)
		out = append(out, p)
	}
	s.Next()
	return out, nil
}

func readCall(s *statements, from token.Pos) (Stmt, error) {
	out := &CallBlock{Caller: &Macro{Name: "caller"}}
	err := s.macro(out.Caller, "call", func() error {
		value, err := s.Expression()
		if err != nil {
			return err
		}
		call, ok := value.(*expr.Call)
		if !ok {
			return &token.Error{Pos: value.At(), Message: "call needs a macro and its values in parentheses"}
		}
		out.Call = call
		return nil
	})
	out.Span = s.Span(from)
	out.Caller.Span = out.Span
	return out, err
}

func readBlock(s *statements, from token.Pos) (Stmt, error) {
	t, err := s.Name("the name of the block")
	if err != nil {
		return nil, err
	}
	if s.blocks[t.Text] != nil {
		return nil, s.Errorf(t.From, "block %q is there twice", t.Text)
	}
	b := &Block{Name: t.Text}
	s.blocks[t.Text] = b
	b.Scoped = s.Skip("scoped")
	b.Required = s.Skip("required")
	if s.Now().Is("-") {
		return nil, s.Unexpected("the name of a block has no -")
	}
	outer := s.Uses
	s.Uses = nil
	b.Body, _, err = s.inside("block", "endblock")
	s.Uses = outer
	if err != nil {
		return nil, err
	}
	if b.Scoped {
		for _, uses := range outer {
			uses["loop"] = true
		}
	}
	if b.Required && !isBlank(b.Body) {
		return nil, s.Errorf(t.From, "block %q is required, so it has to be empty", t.Text)
	}
	s.Skip(t.Text)
	b.Span = s.Span(from)
	return b, nil
}

func isBlank(body []Stmt) bool {
	for _, n := range body {
		if text, ok := n.(*Text); !ok || strings.TrimFunc(text.Text, token.IsSpace) != "" {
			return false
		}
	}
	return true
}

func readAutoescape(s *statements, from token.Pos) (Stmt, error) {
	on, err := s.Expression()
	if err != nil {
		return nil, err
	}
	body, _, err := s.inside("autoescape", "endautoescape")
	return &Autoescape{s.Span(from), on, body}, err
}
