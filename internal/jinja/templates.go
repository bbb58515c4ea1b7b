package jinja

func readPrint(s *statements, from Pos) (Stmt, error) {
	out := &Print{}
	for s.now().class != classClose {
		if len(out.Values) > 0 {
			if err := s.want(",", "between the values of the print"); err != nil {
				return nil, err
			}
		}
		value, err := s.expression()
		if err != nil {
			return nil, err
		}
		out.Values = append(out.Values, value)
	}
	out.Span = s.span(from)
	return out, nil
}

func readExtends(s *statements, from Pos) (Stmt, error) {
	for _, outer := range s.open[:len(s.open)-1] {
		if outer.name != "if" {
			return nil, &Error{Pos: from, Message: "extends stands inside the " + outer.name + ": it has to stand outside of all tags but if"}
		}
	}
	name, err := s.expression()
	return &Extends{s.span(from), name}, err
}

// context reads `with context` or `without context`.
func (s *statements) context(with bool) bool {
	if t := s.now(); (t.is("with") || t.is("without")) && s.ahead().is("context") {
		s.take()
		s.take()
		return t.text == "with"
	}
	return with
}

func readInclude(s *statements, from Pos) (Stmt, error) {
	name, err := s.expression()
	if err != nil {
		return nil, err
	}
	out := &Include{Template: name}
	if s.now().is("ignore") && s.ahead().is("missing") {
		s.take()
		s.take()
		out.IgnoreMissing = true
	}
	out.WithContext = s.context(true)
	out.Span = s.span(from)
	return out, nil
}

func readImport(s *statements, from Pos) (Stmt, error) {
	name, err := s.expression()
	if err != nil {
		return nil, err
	}
	if err := s.want("as", "after the template that is imported, with a name for it"); err != nil {
		return nil, err
	}
	out := &Import{Template: name}
	if out.Alias, err = s.assigned(); err != nil {
		return nil, err
	}
	out.WithContext = s.context(false)
	out.Span = s.span(from)
	return out, nil
}

func readFrom(s *statements, from Pos) (Stmt, error) {
	name, err := s.expression()
	if err != nil {
		return nil, err
	}
	if err := s.want("import", "after the template, with the names that are imported"); err != nil {
		return nil, err
	}
	out := &FromImport{Template: name}
	for {
		before := s.at
		if out.WithContext = s.context(false); s.at != before {
			break
		}
		alias, err := s.alias()
		if err != nil {
			return nil, err
		}
		out.Names = append(out.Names, alias)
		before = s.at
		if out.WithContext = s.context(false); s.at != before || !s.skip(",") {
			break
		}
	}
	out.Span = s.span(from)
	return out, nil
}

func (s *statements) alias() (Alias, error) {
	at := s.now().from
	there, err := s.name("a name to import")
	if err != nil {
		return Alias{}, err
	}
	if _, ok := constants[there.text]; ok {
		return Alias{}, s.errorf(at, "%s cannot be given a value", there.text)
	}
	if there.text[0] == '_' {
		return Alias{}, s.errorf(at, "%s cannot be imported: its name starts with _", there.text)
	}
	a := Alias{there.text, there.text}
	if s.skip("as") {
		if a.Here, err = s.assigned(); err != nil {
			return a, err
		}
	}
	s.names[a.Here] = true
	return a, nil
}
