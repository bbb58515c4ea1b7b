package render

import (
	"slices"

	"github.com/nikolalohinski/gonja/v2/nodes"
)

// check refuses an expression with a filter or test that does not exist, also
// where it would never be reached.
func (m *machine) check(n nodes.Node) error {
	switch n := n.(type) {
	case nil:
		return faultf("a value is missing")
	case *nodes.FilteredExpression:
		for _, f := range n.Filters {
			if err := m.checkFilter(f); err != nil {
				return err
			}
		}
	case *nodes.TestExpression:
		m.at.token = n.Test.Token
		if !m.env.Tests.Exists(n.Test.Name) {
			return faultf("unknown test %q%s", n.Test.Name, suggest(n.Test.Name, m.testNames))
		}
	}
	return m.checkAll(parts(n))
}

// parts are the expressions that an expression is made of.
func parts(n nodes.Node) []nodes.Node {
	switch n := n.(type) {
	case *nodes.FilteredExpression:
		return []nodes.Node{n.Expression}
	case *nodes.TestExpression:
		return appendAll([]nodes.Node{n.Expression}, n.Test.Args, n.Test.Kwargs)
	case *nodes.Call:
		return appendAll([]nodes.Node{n.Func}, n.Args, n.Kwargs)
	case *nodes.BinaryExpression:
		return []nodes.Node{n.Left, n.Right}
	case *nodes.UnaryExpression:
		return []nodes.Node{n.Term}
	case *nodes.Negation:
		return []nodes.Node{n.Term}
	case *nodes.GetAttribute:
		return []nodes.Node{n.Node}
	case *nodes.GetItem:
		return []nodes.Node{n.Node, n.Arg}
	case *nodes.GetSlice:
		return present(n.Node, n.Start, n.End, n.Step)
	case *choice:
		return present(n.value, n.condition, n.other)
	}
	return literalParts(n)
}

// literalParts are the parts of a list, tuple or mapping that is written out.
func literalParts(n nodes.Node) []nodes.Node {
	switch n := n.(type) {
	case *nodes.List:
		return appendAll(nil, n.Val, nil)
	case *nodes.Tuple:
		return appendAll(nil, n.Val, nil)
	case *nodes.Dict:
		var list []nodes.Node
		for _, p := range n.Pairs {
			list = append(list, p.Key, p.Value)
		}
		return list
	}
	return nil
}

func (m *machine) checkAll(list []nodes.Node) error {
	for _, n := range list {
		if err := m.check(n); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) checkFilter(f *nodes.FilterCall) error {
	m.at.token = f.Token
	if !m.env.Filters.Exists(f.Name) {
		return faultf("unknown filter %q%s", f.Name, suggest(f.Name, m.filterNames))
	}
	return m.checkAll(appendAll(nil, f.Args, f.Kwargs))
}

func appendAll(list []nodes.Node, args []nodes.Expression, named map[string]nodes.Expression) []nodes.Node {
	for _, n := range args {
		list = append(list, n)
	}
	for _, n := range named {
		list = append(list, n)
	}
	return list
}

func present(list ...nodes.Node) []nodes.Node {
	return slices.DeleteFunc(list, func(n nodes.Node) bool { return n == nil })
}
