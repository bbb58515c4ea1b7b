package render

import (
	"errors"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// forTag is {% for target in value if condition recursive %} with its else.
type forTag struct {
	spot
	target    *target
	value     nodes.Expression
	condition nodes.Expression
	recursive bool
	body      *nodes.Wrapper
	otherwise *nodes.Wrapper
}

func readFor(m *machine, at spot, p, args *parser.Parser) (nodes.ControlStructure, error) {
	t := &forTag{spot: at}
	var err error
	if t.target, err = readTarget(args); err != nil {
		return nil, err
	}
	if args.Match(tokens.In) == nil {
		return nil, faultf("for needs an in")
	}
	if t.value, err = t.readValue(m, args); err != nil {
		return nil, err
	}
	t.recursive = args.MatchName("recursive") != nil
	if err := end(args); err != nil {
		return nil, err
	}
	if t.body, _, err = m.body(p, "else", "endfor"); err != nil {
		return nil, err
	}
	if t.body.EndTag == "else" {
		t.otherwise, _, err = m.body(p, "endfor")
	}
	return t, err
}

// readValue reads what is walked, and the condition: `if` is not part of the
// value here.
func (t *forTag) readValue(m *machine, args *parser.Parser) (nodes.Expression, error) {
	var parts []nodes.Expression
	for {
		one, err := args.ParseExpression()
		if err != nil {
			return nil, err
		}
		if err := m.check(one); err != nil {
			return nil, err
		}
		parts = append(parts, one)
		if args.Match(tokens.Comma) == nil {
			break
		}
	}
	if args.MatchName("if") != nil {
		var err error
		if t.condition, err = m.single(args); err != nil {
			return nil, err
		}
	}
	if len(parts) > 1 {
		return &nodes.Tuple{Location: t.token, Val: parts}, nil
	}
	return parts[0], nil
}

func (t *forTag) run(m *machine, r *exec.Renderer) error {
	v, err := m.eval(r, t.value)
	if err != nil {
		return err
	}
	return t.walk(m, r, v, 1)
}

// walk runs the body for each item of v.
func (t *forTag) walk(m *machine, r *exec.Renderer, v *exec.Value, depth int) error {
	items, err := t.items(m, r, v)
	if err != nil {
		return err
	}
	if len(items) == 0 && t.otherwise != nil {
		return m.walk(r.Inherit(), t.otherwise.Nodes)
	}
	l := &loop{items: items, depth: depth}
	if t.recursive {
		l.again = func(v *exec.Value) (string, error) {
			if err := m.enter(); err != nil {
				return "", err
			}
			defer m.leave()
			var out strings.Builder
			sub := r.Inherit()
			sub.Output = &meter{m, &out}
			err := t.walk(m, sub, v, depth+1)
			return out.String(), err
		}
	}
	for l.index = range items {
		if err := m.step(); err != nil {
			return err
		}
		sub := r.Inherit()
		sub.Environment.Context.Set("loop", l)
		if err := m.bind(sub, t.target, items[l.index]); err != nil {
			return err
		}
		var leap leap
		if err := m.walk(sub, t.body.Nodes); !errors.As(err, &leap) {
			if err != nil {
				return err
			}
		} else if leap == "break" {
			break
		}
	}
	return nil
}

// items are those of v that the condition lets pass. A mapping walked with two
// names gives its pairs.
func (t *forTag) items(m *machine, r *exec.Renderer, v *exec.Value) ([]*exec.Value, error) {
	all, err := m.iterate(v)
	if err != nil {
		return nil, err
	}
	if len(t.target.parts) == 2 && v.IsDict() {
		all = pairsOf(v)
	}
	if t.condition == nil {
		return all, nil
	}
	var items []*exec.Value
	for _, one := range all {
		sub := r.Inherit()
		if err := m.bind(sub, t.target, one); err != nil {
			return nil, err
		}
		yes, err := m.truth(sub, t.condition)
		if err != nil {
			return nil, err
		}
		if yes {
			items = append(items, one)
		}
	}
	return items, nil
}

// pairsOf are the keys and values of a mapping, as tuples.
func pairsOf(v *exec.Value) []*exec.Value {
	var pairs []*exec.Value
	for _, key := range keysOf(v) {
		value, _ := item(v, key)
		pairs = append(pairs, exec.AsValue(tuple{key.Interface(), value.Interface()}))
	}
	return pairs
}

// loop is the variable of that name inside a for.
type loop struct {
	items []*exec.Value
	index int
	depth int
	again func(*exec.Value) (string, error) // of a recursive loop
	last  *exec.Value                       // that changed was asked about
}

// GetAttribute gives loop.index and its like.
func (l *loop) GetAttribute(name string) (*exec.Value, bool) {
	n := len(l.items)
	switch name {
	case "index":
		return exec.AsValue(l.index + 1), true
	case "index0":
		return exec.AsValue(l.index), true
	case "revindex":
		return exec.AsValue(n - l.index), true
	case "revindex0":
		return exec.AsValue(n - l.index - 1), true
	case "first":
		return exec.AsValue(l.index == 0), true
	case "last":
		return exec.AsValue(l.index == n-1), true
	case "length":
		return exec.AsValue(n), true
	case "depth":
		return exec.AsValue(l.depth), true
	case "depth0":
		return exec.AsValue(l.depth - 1), true
	case "previtem":
		return l.at(l.index - 1)
	case "nextitem":
		return l.at(l.index + 1)
	case "cycle":
		return exec.AsValue(function(l.cycle)), true
	case "changed":
		return exec.AsValue(function(l.changed)), true
	}
	return nil, false
}

func (l *loop) at(i int) (*exec.Value, bool) {
	if i < 0 || i >= len(l.items) {
		return nil, false
	}
	return l.items[i], true
}

func (l *loop) cycle(params *exec.VarArgs) (*exec.Value, error) {
	if len(params.Args) == 0 {
		return nil, faultf("loop.cycle needs values")
	}
	return params.Args[l.index%len(params.Args)], nil
}

func (l *loop) changed(params *exec.VarArgs) (*exec.Value, error) {
	var now tuple
	for _, p := range params.Args {
		now = append(now, p.Interface())
	}
	before := l.last
	l.last = exec.AsValue(now)
	return exec.AsValue(before == nil || !equal(before, l.last)), nil
}

// call is loop(items) in a recursive loop.
func (l *loop) call(params *exec.VarArgs) (*exec.Value, error) {
	if l.again == nil {
		return nil, faultf("the loop is not recursive")
	}
	if len(params.Args) != 1 {
		return nil, faultf("loop needs one value")
	}
	text, err := l.again(params.Args[0])
	return exec.AsSafeValue(text), err
}
