package jinja

import (
	"errors"
)

// explain says of a fault in a tag of Go's text/template what it is.
func (s *source) explain(err error) error {
	var e *Error
	if errors.As(err, &e) {
		if hint := s.goTemplate(e.Pos); hint != "" {
			return &Error{Pos: e.Pos, Message: hint}
		}
	}
	return err
}

// cursor walks the tokens of a template.
type cursor struct {
	*source
	tokens []token
	at     int
	depth  int // of what is being read
}

// read makes tokens of a template. The error is an *Error.
func read(text string, opt Options) (*cursor, error) {
	src, err := newSource(text, opt.KeepTrailingNewline)
	if err != nil {
		return nil, err
	}
	tokens, err := lex(src, opt)
	if err != nil {
		return nil, src.explain(err)
	}
	return &cursor{source: src, tokens: tokens}, nil
}

// now is the token that is read next.
func (c *cursor) now() token { return c.tokens[c.at] }

// ahead is the token after it.
func (c *cursor) ahead() token { return c.tokens[min(c.at+1, len(c.tokens)-1)] }

// take returns the next token and goes on.
func (c *cursor) take() token {
	t := c.tokens[c.at]
	c.at = min(c.at+1, len(c.tokens)-1)
	return t
}

// skip goes on if the next token is text, a sign or a name.
func (c *cursor) skip(text string) bool {
	if c.now().is(text) {
		c.take()
		return true
	}
	return false
}

// want takes a sign or name that has to be there.
func (c *cursor) want(text, after string) error {
	if c.skip(text) {
		return nil
	}
	return c.unexpected("%s is missing %s", text, after)
}

// name takes a name that has to be there.
func (c *cursor) name(of string) (token, error) {
	if c.now().class != className {
		return token{}, c.unexpected("%s is missing", of)
	}
	return c.take(), nil
}

// unexpected is an error at the next token, which is not what format says.
func (c *cursor) unexpected(format string, args ...any) error {
	e := c.errorf(c.now().from, format, args...)
	e.Message += ": there is " + c.now().String()
	return e
}

// from is the place of the next token.
func (c *cursor) from() Pos { return c.pos(c.now().from) }

// span is from a place to the end of what was read.
func (c *cursor) span(from Pos) Span {
	to := c.tokens[max(c.at-1, 0)].to
	return Span{from, c.pos(to)}
}

// enter counts what is inside what; leave has to follow.
func (c *cursor) enter() error {
	if c.depth++; c.depth > MaxNesting {
		return c.errorf(c.now().from, "brackets, signs and tags nest more than %d deep", MaxNesting)
	}
	return nil
}

func (c *cursor) leave() { c.depth-- }
