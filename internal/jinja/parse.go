package jinja

import (
	"maps"
	"slices"
)

// Parse reads a template. The error is an *Error.
func Parse(text string, opt Options) (*Template, error) {
	c, err := read(text, opt)
	if err != nil {
		return nil, err
	}
	s := &statements{parser: &parser{cursor: c}, blocks: map[string]*Block{}, names: map[string]bool{}}
	body, err := s.body()
	if err != nil {
		return nil, c.explain(err)
	}
	return &Template{Body: body, Blocks: s.blocks, Names: slices.Sorted(maps.Keys(s.names))}, nil
}
