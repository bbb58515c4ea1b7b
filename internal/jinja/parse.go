package jinja

import (
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/jinja/expr"
	"github.com/kpm-sh/kpm/internal/jinja/token"
)

// Parse reads a template. The error is an *Error.
func Parse(text string, opt token.Options) (*Template, error) {
	c, err := token.Read(text, opt)
	if err != nil {
		return nil, err
	}
	s := &statements{Parser: &expr.Parser{Cursor: c}, blocks: map[string]*Block{}, names: map[string]bool{}}
	body, err := s.body()
	if err != nil {
		return nil, c.Explain(err)
	}
	return &Template{Body: body, Blocks: s.blocks, Names: slices.Sorted(maps.Keys(s.names))}, nil
}
