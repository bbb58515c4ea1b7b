package token

import "errors"

// Explain says of a fault in a tag of Go's text/template what it is.
func (s *source) Explain(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		if hint := s.goTemplate(e.Pos); hint != "" {
			return &Error{Pos: e.Pos, Message: hint}
		}
	}
	return err
}

// Cursor walks the tokens of a template.
type Cursor struct {
	*source
	tokens []Token
	At     int
	depth  int // of what is being read
}

// Read makes tokens of a template. The error is an *Error.
func Read(text string, opt Options) (*Cursor, error) {
	src, err := newSource(text, opt.KeepTrailingNewline)
	if err != nil {
		return nil, err
	}
	tokens, err := lex(src, opt)
	if err != nil {
		return nil, src.Explain(err)
	}
	return &Cursor{source: src, tokens: tokens}, nil
}

// Now is the token that is read next.
func (c *Cursor) Now() Token { return c.tokens[c.At] }

// Ahead is the token after it.
func (c *Cursor) Ahead() Token { return c.tokens[min(c.At+1, len(c.tokens)-1)] }

// Next returns the next token and goes on.
func (c *Cursor) Next() Token {
	t := c.tokens[c.At]
	c.At = min(c.At+1, len(c.tokens)-1)
	return t
}

// Skip goes on if the next token is text, a sign or a name.
func (c *Cursor) Skip(text string) bool {
	if c.Now().Is(text) {
		c.Next()
		return true
	}
	return false
}

// Want takes a sign or name that has to be there.
func (c *Cursor) Want(text, after string) error {
	if c.Skip(text) {
		return nil
	}
	return c.Unexpected("%s is missing %s", text, after)
}

// Name takes a name that has to be there.
func (c *Cursor) Name(of string) (Token, error) {
	if c.Now().Class != ClassName {
		return Token{}, c.Unexpected("%s is missing", of)
	}
	return c.Next(), nil
}

// Unexpected is an error at the next token, which is not what format says.
func (c *Cursor) Unexpected(format string, args ...any) error {
	e := c.Errorf(c.Now().From, format, args...)
	e.Message += ": there is " + c.Now().String()
	return e
}

// From is the place of the next token.
func (c *Cursor) From() Pos { return c.pos(c.Now().From) }

// Span is from a place to the end of what was read.
func (c *Cursor) Span(from Pos) Span {
	to := c.tokens[max(c.At-1, 0)].To
	return Span{from, c.pos(to)}
}

// Enter counts what is inside what; leave has to follow.
func (c *Cursor) Enter() error {
	if c.depth++; c.depth > MaxNesting {
		return c.Errorf(c.Now().From, "brackets, signs and tags nest more than %d deep", MaxNesting)
	}
	return nil
}

// Leave ends what Enter began.
func (c *Cursor) Leave() { c.depth-- }
