package jinja

import "strings"

func readIf(s *statements, from Pos) (Stmt, error) {
	out := &If{}
	for {
		test, err := s.tuple(false, false)
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
			out.Span = s.span(from)
			return out, nil
		}
	}
}

func readFor(s *statements, from Pos) (Stmt, error) {
	out := &For{}
	var err error
	if out.Target, err = s.target(false); err != nil {
		return nil, err
	}
	if out.Target.gives("loop") {
		return nil, s.errorf(s.now().from, "loop cannot be given a value in a for")
	}
	if err = s.want("in", "after the names of the for"); err != nil {
		return nil, err
	}
	if out.Value, err = s.tuple(false, false); err != nil {
		return nil, err
	}
	if s.skip("if") {
		if out.Test, err = s.expression(); err != nil {
			return nil, err
		}
	}
	out.Recursive = s.skip("recursive")
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
	out.Span = s.span(from)
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

func readSet(s *statements, from Pos) (Stmt, error) {
	target, err := s.target(true)
	if err != nil {
		return nil, err
	}
	if s.skip("=") {
		value, err := s.tuple(true, false)
		return &Set{s.span(from), target, value}, err
	}
	out := &SetBlock{Target: target}
	if s.skip("|") {
		if out.Filters, err = s.filters(); err != nil {
			return nil, err
		}
	}
	if s.now().class != classClose {
		return nil, s.unexpected("= is missing after %s", target.Name)
	}
	out.Body, _, err = s.inside("set", "endset")
	out.Span = s.span(from)
	return out, err
}

// filters reads `name | name`.
func (s *statements) filters() ([]*Filter, error) {
	var out []*Filter
	for {
		f, err := s.filter(s.from(), nil)
		if err != nil {
			return nil, err
		}
		if out = append(out, f); !s.skip("|") {
			return out, nil
		}
	}
}

func readFilter(s *statements, from Pos) (Stmt, error) {
	filters, err := s.filters()
	if err != nil {
		return nil, err
	}
	body, _, err := s.inside("filter", "endfilter")
	return &FilterBlock{s.span(from), filters, body}, err
}

func readWith(s *statements, from Pos) (Stmt, error) {
	out := &With{}
	for s.now().class != classClose {
		if len(out.Targets) > 0 {
			if err := s.want(",", "between the names of the with"); err != nil {
				return nil, err
			}
		}
		target, err := s.target(false)
		if err != nil {
			return nil, err
		}
		if err := s.want("=", "after "+target.Name); err != nil {
			return nil, err
		}
		value, err := s.expression()
		if err != nil {
			return nil, err
		}
		out.Targets, out.Values = append(out.Targets, target), append(out.Values, value)
	}
	var err error
	out.Body, _, err = s.inside("with", "endwith")
	out.Span = s.span(from)
	return out, err
}

func readMacro(s *statements, from Pos) (Stmt, error) {
	name, err := s.assigned()
	if err != nil {
		return nil, err
	}
	if !s.now().is("(") {
		return nil, s.unexpected("( is missing after the name of the macro")
	}
	m := &Macro{Name: name}
	if err := s.macro(m, "macro", nil); err != nil {
		return nil, err
	}
	m.Span = s.span(from)
	return m, nil
}

// macro reads the parameters of a macro, what else is in its tag, and its body.
func (s *statements) macro(m *Macro, tag string, rest func() error) error {
	var err error
	if s.now().is("(") {
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
			return &Error{Pos: p.From, Message: "the parameter caller needs a default"}
		}
	}
	return nil
}

func (s *statements) parameters() ([]Parameter, error) {
	var out []Parameter
	seen := map[string]bool{}
	s.take()
	for !s.now().is(")") {
		if len(out) > 0 {
			if err := s.want(",", "between the parameters"); err != nil {
				return nil, err
			}
		}
		from := s.from()
		name, err := s.assigned()
		if err != nil {
			return nil, err
		}
		p := Parameter{Name: name}
		if s.skip("=") {
			if p.Default, err = s.expression(); err != nil {
				return nil, err
			}
		} else if n := len(out); n > 0 && out[n-1].Default != nil {
			return nil, &Error{Pos: from, Message: name + " has no default, but what is before it has"}
		}
		if seen[name] {
			return nil, &Error{Pos: from, Message: "the parameter " + name + " is there twice"}
		}
		seen[name] = true
		p.Span = s.span(from)
		out = append(out, p)
	}
	s.take()
	return out, nil
}

func readCall(s *statements, from Pos) (Stmt, error) {
	out := &CallBlock{Caller: &Macro{Name: "caller"}}
	err := s.macro(out.Caller, "call", func() error {
		value, err := s.expression()
		if err != nil {
			return err
		}
		call, ok := value.(*Call)
		if !ok {
			return &Error{Pos: value.At(), Message: "call needs a macro and its values in parentheses"}
		}
		out.Call = call
		return nil
	})
	out.Span = s.span(from)
	out.Caller.Span = out.Span
	return out, err
}

func readBlock(s *statements, from Pos) (Stmt, error) {
	t, err := s.name("the name of the block")
	if err != nil {
		return nil, err
	}
	if s.blocks[t.text] != nil {
		return nil, s.errorf(t.from, "block %q is there twice", t.text)
	}
	b := &Block{Name: t.text}
	s.blocks[t.text] = b
	b.Scoped = s.skip("scoped")
	b.Required = s.skip("required")
	if s.now().is("-") {
		return nil, s.unexpected("the name of a block has no -")
	}
	outer := s.uses
	s.uses = nil
	b.Body, _, err = s.inside("block", "endblock")
	s.uses = outer
	if err != nil {
		return nil, err
	}
	if b.Scoped {
		for _, uses := range outer {
			uses["loop"] = true
		}
	}
	if b.Required && !isBlank(b.Body) {
		return nil, s.errorf(t.from, "block %q is required, so it has to be empty", t.text)
	}
	s.skip(t.text)
	b.Span = s.span(from)
	return b, nil
}

func isBlank(body []Stmt) bool {
	for _, n := range body {
		if text, ok := n.(*Text); !ok || strings.TrimFunc(text.Text, IsSpace) != "" {
			return false
		}
	}
	return true
}

func readAutoescape(s *statements, from Pos) (Stmt, error) {
	on, err := s.expression()
	if err != nil {
		return nil, err
	}
	body, _, err := s.inside("autoescape", "endautoescape")
	return &Autoescape{s.span(from), on, body}, err
}
