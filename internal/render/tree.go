package render

import (
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
)

// adopt takes over the nodes of a tree that gonja would run.
func (m *machine) adopt(file string, list []nodes.Node) error {
	for i, n := range list {
		out, ok := n.(*nodes.Output)
		if !ok {
			continue
		}
		m.at = place{file, out.Start}
		value := out.Expression
		if out.Condition != nil {
			value = &choice{out.Expression, out.Condition, out.Alternative}
		}
		if err := m.check(value); err != nil {
			return err
		}
		list[i] = &nodes.ControlStructureBlock{
			Location: out.Start, ControlStructure: &printTag{spot{file, out.Start}, value},
		}
	}
	return nil
}

// body reads what a tag holds, up to one of names.
func (m *machine) body(p *parser.Parser, names ...string) (*nodes.Wrapper, *parser.Parser, error) {
	w, args, err := p.WrapUntil(names...)
	if err != nil {
		return nil, nil, err
	}
	return w, args, m.adopt(p.Template.Identifier, w.Nodes)
}
