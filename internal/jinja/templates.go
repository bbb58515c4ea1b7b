package jinja

import (
	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/jinja/token"
)

func readPrint(s *statements, from token.Pos) (Stmt, error) {
	out := &Print{}
	for s.Now().Class != token.ClassClose {
		if len(out.Values) > 0 {
			if err := s.Want(",", "between the values of the print"); err != nil {
				return nil, err
			}
		}
		value, err := s.Expression()
		if err != nil {
			return nil, err
		}
		out.Values = append(out.Values, value)
	}
	out.Span = s.Span(from)
	return out, nil
}

func readExtends(s *statements, from token.Pos) (Stmt, error) {
	for _, outer := range s.open[:len(s.open)-1] {
		if outer.name != "if" {
			return nil, &token.Error{Pos: from, Message: "extends stands inside the " + outer.name + ": it has to stand outside of all tags but if"}
		}
	}
	name, err := s.Expression()
	return &Extends{s.Span(from), name}, err
}

// context reads `with context` or `without context`.
func (s *statements) context(with bool) bool {
	if t := s.Now(); (t.Is("with") || t.Is("without")) && s.Ahead().Is("context") {
		s.Next()
		s.Next()
		return t.Text == "with"
	}
	return with
}

func readInclude(s *statements, from token.Pos) (Stmt, error) {
	name, err := s.Expression()
	if err != nil {
		return nil, err
	}
	out := &Include{Template: name}
	if s.Now().Is("ignore") && s.Ahead().Is("missing") {
		s.Next()
		s.Next()
		out.IgnoreMissing = true
	}
	out.WithContext = s.context(true)
	out.Span = s.Span(from)
	return out, nil
}

func readImport(s *statements, from token.Pos) (Stmt, error) {
	name, err := s.Expression()
	if err != nil {
		return nil, err
	}
	if err := s.Want("as", "after the template that is imported, with a name for it"); err != nil {
		return nil, err
	}
	out := &Import{Template: name}
	if out.Alias, err = s.assigned(); err != nil {
		return nil, err
	}
	out.WithContext = s.context(false)
	out.Span = s.Span(from)
	return out, nil
}

func readFrom(s *statements, from token.Pos) (Stmt, error) {
	name, err := s.Expression()
	if err != nil {
		return nil, err
	}
	if err := s.Want("import", "after the template, with the names that are imported"); err != nil {
		return nil, err
	}
	out := &FromImport{Template: name}
	for {
		before := s.At
		if out.WithContext = s.context(false); s.At != before {
			break
		}
		alias, err := s.alias()
		if err != nil {
			return nil, err
		}
		out.Names = append(out.Names, alias)
		before = s.At
		if out.WithContext = s.context(false); s.At != before || !s.Skip(",") {
			break
		}
	}
	out.Span = s.Span(from)
	return out, nil
}

func (s *statements) alias() (Alias, error) {
	at := s.Now().From
	there, err := s.Name("a name to import")
	if err != nil {
		return Alias{}, err
	}
	if _, ok := expr.Constants[there.Text]; ok {
		return Alias{}, s.Errorf(at, "%s cannot be given a value", there.Text)
	}
	if there.Text[0] == '_' {
		return Alias{}, s.Errorf(at, "%s cannot be imported: its name starts with _", there.Text)
	}
	a := Alias{there.Text, there.Text}
	if s.Skip("as") {
		if a.Here, err = s.assigned(); err != nil {
			return a, err
		}
	}
	s.names[a.Here] = true
	return a, nil
}
