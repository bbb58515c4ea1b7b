package render

import (
	"slices"

	"github.com/nikolalohinski/gonja/v2/nodes"
)

// check refuses an expression with a filter or test that does not exist, also
// where it would never be reached.
func (m *machine) check(n nodes.Node) error {
	var list []nodes.Node
	switch n := n.(type) {
	case nil:
		return faultf("a value is missing")
	case *nodes.FilteredExpression:
		for _, f := range n.Filters {
			if err := m.checkFilter(f); err != nil {
				return err
			}
		}
		list = append(list, n.Expression)
	case *nodes.TestExpression:
		m.at.token = n.Test.Token
		if !m.env.Tests.Exists(n.Test.Name) {
			return faultf("unknown test %q%s", n.Test.Name, suggest(n.Test.Name, m.testNames))
		}
		list = append(list, n.Expression)
		list = appendAll(list, n.Test.Args, n.Test.Kwargs)
	case *nodes.Call:
		list = appendAll(append(list, n.Func), n.Args, n.Kwargs)
	case *nodes.BinaryExpression:
		list = append(list, n.Left, n.Right)
	case *nodes.UnaryExpression:
		list = append(list, n.Term)
	case *nodes.Negation:
		list = append(list, n.Term)
	case *nodes.List:
		list = appendAll(list, n.Val, nil)
	case *nodes.Tuple:
		list = appendAll(list, n.Val, nil)
	case *nodes.Dict:
		for _, p := range n.Pairs {
			list = append(list, p.Key, p.Value)
		}
	case *nodes.GetAttribute:
		list = append(list, n.Node)
	case *nodes.GetItem:
		list = append(list, n.Node, n.Arg)
	case *nodes.GetSlice:
		list = append(list, present(n.Node, n.Start, n.End, n.Step)...)
	case *choice:
		list = append(list, present(n.value, n.condition, n.other)...)
	}
	return m.checkAll(list)
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
