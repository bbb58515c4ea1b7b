package methods

import (
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

// missing stands for a parameter that got no value and needs none.
type missing struct{}

// Given reports whether a parameter got a value.
func Given(v any) bool { _, ok := v.(missing); return !ok }

// Bind gives each parameter its value. Parameters are written with blanks between
// them, as `sep= maxsplit=`: one with an = may be absent, those after a / have no
// name for the caller, * takes the values that are left as a tuple and ** the
// named ones as a mapping.
func Bind(name, parameters string, args python.Args) ([]any, error) {
	b := &binding{name: name, args: args, used: make([]bool, len(args.Names))}
	byName := true
	var out []any
	for p := range strings.FieldsSeq(parameters) {
		switch p {
		case "/":
			byName = false
			continue
		case "*":
			out = append(out, python.NewTuple(b.args.Pos...))
			b.args.Pos = nil
			continue
		case "**":
			out = append(out, b.rest())
			continue
		}
		v, err := b.one(p, byName)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, b.left(len(out))
}

type binding struct {
	name string
	args python.Args
	used []bool
}

func (b *binding) one(p string, byName bool) (any, error) {
	p, optional := strings.CutSuffix(p, "=")
	i := -1
	if byName {
		i = slices.Index(b.args.Names, p)
	}
	switch {
	case len(b.args.Pos) > 0 && i >= 0:
		return nil, python.Errorf("%s got the argument %s twice", b.name, p)
	case len(b.args.Pos) > 0:
		v := b.args.Pos[0]
		b.args.Pos = b.args.Pos[1:]
		return v, nil
	case i >= 0:
		b.used[i] = true
		return b.args.Values[i], nil
	case optional:
		return missing{}, nil
	}
	return nil, python.Errorf("%s needs the argument %s", b.name, p)
}

func (b *binding) rest() *python.Dict {
	d := python.NewDict()
	for i, name := range b.args.Names {
		if !b.used[i] {
			d.SetText(name, b.args.Values[i])
			b.used[i] = true
		}
	}
	return d
}

func (b *binding) left(n int) error {
	if len(b.args.Pos) > 0 {
		return python.Errorf("%s takes %d arguments, not %d", b.name, n, n+len(b.args.Pos))
	}
	for i, name := range b.args.Names {
		if !b.used[i] {
			return python.Errorf("%s has no argument %q", b.name, name)
		}
	}
	return nil
}

// IntArg is a parameter that has to be a whole number, or its default.
func IntArg(of string, v any, absent int) (int, error) {
	if !Given(v) {
		return absent, nil
	}
	if err := python.Use(v); err != nil {
		return 0, err
	}
	if n, ok := num.Int(v); ok {
		return n, nil
	}
	if n, ok := num.Big(v); ok {
		return operator.ClampInt(false, 0, n.Sign()), nil
	}
	return 0, python.Errorf("%s needs a whole number, not %s", of, python.Kind(v))
}

// TextArg is a parameter that has to be a text, or its default.
func TextArg(of string, v any, absent string) (string, error) {
	if !Given(v) {
		return absent, nil
	}
	if err := python.Use(v); err != nil {
		return "", err
	}
	if s, ok := python.Text(v); ok {
		return s, nil
	}
	return "", python.Errorf("%s needs a text, not %s", of, python.Kind(v))
}

// TruthArg is the truth of a parameter, or its default.
func TruthArg(v any, absent bool) (bool, error) {
	if !Given(v) {
		return absent, nil
	}
	return python.Truth(v)
}
