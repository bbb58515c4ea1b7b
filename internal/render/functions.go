package render

import (
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

// functions are the names that every template knows besides its values. None
// knows the time or makes up anything: the same values print the same text.
func functions() map[string]any {
	out := map[string]any{}
	for name, do := range map[string]func(python.Args) (any, error){
		"range": newRange, "dict": newDict, "namespace": newNamespace, "cycler": newCycler, "joiner": newJoiner,
	} {
		out[name] = &python.Function{Name: name, Do: do}
	}
	return out
}

// newRange is range([start,] stop[, step]).
func newRange(args python.Args) (any, error) {
	if len(args.Pos) == 0 || len(args.Pos) > 3 || len(args.Names) > 0 {
		return nil, faultf("range takes one to three whole numbers")
	}
	var bounds []int
	for _, v := range args.Pos {
		n, err := methods.IntArg("range", v, 0)
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, n)
	}
	r := &python.Range{Step: 1}
	switch len(bounds) {
	case 1:
		r.Stop = bounds[0]
	case 2:
		r.Start, r.Stop = bounds[0], bounds[1]
	default:
		r.Start, r.Stop, r.Step = bounds[0], bounds[1], bounds[2]
	}
	if r.Step == 0 {
		return nil, faultf("range has the step 0")
	}
	return r, nil
}

// newDict is dict(mapping, key=value, …).
func newDict(args python.Args) (any, error) {
	bound, err := methods.Bind("dict", "/ mapping= **", args)
	if err != nil {
		return nil, err
	}
	d := python.NewDict()
	if methods.Given(bound[0]) {
		if err := operator.Update(d, bound[0]); err != nil {
			return nil, err
		}
	}
	return d, operator.Update(d, bound[1])
}

// namespace is what a template may set from inside a loop.
type namespace struct{ attrs *python.Dict }

// Kind says what it is.
func (n *namespace) Kind() string { return "a namespace" }

// Attr gives what was set.
func (n *namespace) Attr(name string) (any, bool) { return n.attrs.Text(name) }

// Wrapped is what it prints as.
func (n *namespace) Wrapped() (string, any, string) { return "<Namespace ", n.attrs, ">" }

func newNamespace(args python.Args) (any, error) {
	d, err := newDict(args)
	if err != nil {
		return nil, err
	}
	return &namespace{d.(*python.Dict)}, nil
}

// cycler is cycler(values…): next() gives one after the other.
type cycler struct {
	items []any
	at    int
}

func newCycler(args python.Args) (any, error) {
	if len(args.Pos) == 0 || len(args.Names) > 0 {
		return nil, faultf("cycler needs values")
	}
	return &cycler{items: args.Pos}, nil
}

// Kind says what it is.
func (c *cycler) Kind() string { return "a cycler" }

// Attr gives next, reset and current.
func (c *cycler) Attr(name string) (any, bool) {
	switch name {
	case "current":
		return c.items[c.at], true
	case "items":
		return python.NewTuple(c.items...), true
	case "pos":
		return c.at, true
	case "next":
		return &python.Function{Name: name, Do: func(python.Args) (any, error) {
			now := c.items[c.at]
			c.at = (c.at + 1) % len(c.items)
			return now, nil
		}}, true
	case "reset":
		return &python.Function{Name: name, Do: func(python.Args) (any, error) {
			c.at = 0
			return nil, nil
		}}, true
	}
	return nil, false
}

// newJoiner is joiner(separator): a function that gives nothing at first, the
// separator from then on.
func newJoiner(args python.Args) (any, error) {
	bound, err := methods.Bind("joiner", "sep=", args)
	if err != nil {
		return nil, err
	}
	var separator any = ", "
	if methods.Given(bound[0]) {
		separator = bound[0]
	}
	used := false
	return &python.Function{Name: "joiner", Do: func(python.Args) (any, error) {
		if used {
			return separator, nil
		}
		used = true
		return "", nil
	}}, nil
}
