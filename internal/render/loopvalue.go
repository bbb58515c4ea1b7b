package render

import (
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

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
		same, err := operator.Equal(l.last, now)
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
	bound, err := methods.Bind("loop", "iterable", args)
	if err != nil {
		return nil, err
	}
	return l.again(bound[0])
}
