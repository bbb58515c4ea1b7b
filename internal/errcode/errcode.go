// Package errcode gives errors a code, and the facts that advice about them
// needs. A library says what is wrong; what that means for the exit code of a
// program, and what its user may type next, stands in one table that both
// programs share, cmd/internal/exit.
//
// A code lies in the chain of an error, beside the texts: an error that has one
// has a method ErrorCode, and ErrorFacts if there are facts. An error may carry
// several codes; the table decides which counts.
package errcode

import "iter"

// Code names a kind of error. It is stable, and in no text of an error but
// those of internal/trust.
type Code string

// coded is an error of a kind.
type coded interface {
	error
	ErrorCode() Code // "" is none
}

// Facts are what advice about an error may name. A value is a string, or a
// []string that has something in it; what is not known is not there.
type Facts map[string]any

// factual is an error that brings facts.
type factual interface {
	coded
	ErrorFacts() Facts
}

// New makes an error of a kind, to be compared by errors.Is.
func New(code Code, text string) error { return &plain{code, text} }

type plain struct {
	code Code
	text string
}

func (e *plain) Error() string   { return e.text }
func (e *plain) ErrorCode() Code { return e.code }

// With gives an error a code and facts. Its text stays.
func With(code Code, facts Facts, err error) error { return &with{err, code, facts} }

type with struct {
	error
	code  Code
	facts Facts
}

func (e *with) ErrorCode() Code   { return e.code }
func (e *with) ErrorFacts() Facts { return e.facts }
func (e *with) Unwrap() error     { return e.error }

// All gives the codes of err and of all that it wraps, with their facts, in the
// order in which errors.As would meet them.
func All(err error) iter.Seq2[Code, Facts] {
	return func(yield func(Code, Facts) bool) { walk(err, yield) }
}

// Has tells whether err is of a kind.
func Has(err error, code Code) bool {
	for c := range All(err) {
		if c == code {
			return true
		}
	}
	return false
}

func walk(err error, yield func(Code, Facts) bool) bool {
	if c, ok := err.(coded); ok && c.ErrorCode() != "" && !yield(c.ErrorCode(), facts(err)) { //nolint:errorlint // one link of the chain at a time
		return false
	}
	switch err := err.(type) { //nolint:errorlint // one link of the chain at a time
	case interface{ Unwrap() error }:
		return walk(err.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, e := range err.Unwrap() {
			if !walk(e, yield) {
				return false
			}
		}
	}
	return true
}

func facts(err error) Facts {
	if f, ok := err.(factual); ok { //nolint:errorlint // of this link alone
		return f.ErrorFacts()
	}
	return nil
}
