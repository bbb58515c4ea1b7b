package render

import (
	"github.com/kpm-sh/kpm/internal/jinja"
	"github.com/kpm-sh/kpm/internal/python"
)

func runFor(f *frame, n *jinja.For) error {
	v, err := eval(f, n.Value)
	if err != nil {
		return err
	}
	return repeat(f, n, v, 0)
}

// repeat runs the body of a loop for each item of v.
func repeat(f *frame, n *jinja.For, v any, depth int) error {
	items, err := walked(f, n, v)
	if err != nil {
		return locate(f.file, n.Value.At(), err)
	}
	if len(items) == 0 {
		return f.in(f.vars.child()).walk(n.Else)
	}
	l := &loop{m: f.m, items: items, depth: depth}
	if n.Recursive {
		l.again = func(v any) (any, error) { return again(f, n, v, depth+1) }
	}
	for l.index = range items {
		if err := f.m.step(); err != nil {
			return err
		}
		sub := f.in(f.vars.child())
		if n.UsesLoop || n.Recursive {
			sub.store("loop", l)
		}
		if err := bind(sub, n.Target, items[l.index]); err != nil {
			return err
		}
		if err := sub.walk(n.Body); err != nil {
			return err
		}
	}
	return nil
}

// again is loop(v): what the loop prints for the items of v.
func again(f *frame, n *jinja.For, v any, depth int) (any, error) {
	if err := f.m.enter(); err != nil {
		return nil, err
	}
	defer f.m.leave()
	sub := f.in(f.vars.child())
	sub.out = &output{}
	err := repeat(sub, n, v, depth)
	return safely(f, sub.out.String()), err
}

// walked are the items of v that the condition lets pass. A mapping that is
// walked with two names gives its pairs.
func walked(f *frame, n *jinja.For, v any) ([]any, error) {
	if d, ok := v.(*python.Dict); ok && len(n.Target.Parts) == 2 {
		v, _ = python.Attr(d, "items")
		view, err := v.(*python.Function).Call(python.Args{})
		if err != nil {
			return nil, err
		}
		v = view
	}
	all, err := python.Items(v)
	if err != nil || n.Test == nil {
		return all, err
	}
	var items []any
	for _, one := range all {
		sub := f.in(f.vars.child())
		if err := bind(sub, n.Target, one); err != nil {
			return nil, err
		}
		yes, err := truth(sub, n.Test)
		if err != nil {
			return nil, err
		}
		if yes {
			items = append(items, one)
		}
	}
	return items, nil
}

// loop is the variable of that name inside a for.
type loop struct {
	m     *machine
	items []any
	index int
	depth int
	again func(any) (any, error) // of a recursive loop
	last  *python.Tuple          // that changed was asked about
}

// Kind says what it is.
func (l *loop) Kind() string { return "the loop" }

// Len is the number of its items.
func (l *loop) Len() int { return len(l.items) }

// Attr gives loop.index and its like.
func (l *loop) Attr(name string) (any, bool) {
	n := len(l.items)
	switch name {
	case "index":
		return l.index + 1, true
	case "index0":
		return l.index, true
	case "revindex":
		return n - l.index, true
	case "revindex0":
		return n - l.index - 1, true
	case "first":
		return l.index == 0, true
	case "last":
		return l.index == n-1, true
	case "length":
		return n, true
	case "depth":
		return l.depth + 1, true
	case "depth0":
		return l.depth, true
	}
	return l.around(name)
}

func (l *loop) around(name string) (any, bool) {
	switch name {
	case "previtem":
		return l.at(l.index-1, "there is no item before the first"), true
	case "nextitem":
		return l.at(l.index+1, "there is no item after the last"), true
	case "cycle":
		return &python.Function{Name: name, Do: l.cycle}, true
	case "changed":
		return &python.Function{Name: name, Do: l.changed}, true
	}
	return nil, false
}

func (l *loop) at(i int, absent string) any {
	if i < 0 || i >= len(l.items) {
		return l.m.nothing("%s", absent)
	}
	return l.items[i]
}

func (l *loop) cycle(args python.Args) (any, error) {
	if len(args.Pos) == 0 || len(args.Names) > 0 {
		return nil, faultf("loop.cycle needs values")
	}
	return args.Pos[l.index%len(args.Pos)], nil
}

func (l *loop) changed(args python.Args) (any, error) {
	now := python.NewTuple(args.Pos...)
	if l.last != nil {
		same, err := python.Equal(l.last, now)
		if err != nil || same {
			return false, err
		}
	}
	l.last = now
	return true, nil
}

// Call is loop(items) in a recursive loop.
func (l *loop) Call(args python.Args) (any, error) {
	if l.again == nil {
		return nil, faultf("the loop is not recursive: write recursive at the end of its for")
	}
	bound, err := python.Bind("loop", "iterable", args)
	if err != nil {
		return nil, err
	}
	return l.again(bound[0])
}
