package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/letters"
	"github.com/kpm-sh/kpm/internal/python/methods"
)

// route is the way to an attribute, as "spec.ports.0".
type route []any

// newRoute reads a path: a text with dots, or the number of an item.
func newRoute(v any) (route, error) {
	if !methods.Given(v) || v == nil {
		return nil, nil
	}
	if err := python.Use(v); err != nil {
		return nil, err
	}
	s, ok := python.Text(v)
	if !ok {
		return route{v}, nil
	}
	var out route
	for part := range strings.SplitSeq(s, ".") {
		if n, err := strconv.Atoi(part); err == nil && strings.Trim(part, "0123456789") == "" {
			out = append(out, n)
		} else {
			out = append(out, part)
		}
	}
	return out, nil
}

// String is the path with its dots.
func (p route) String() string {
	parts := make([]string, len(p))
	for i, part := range p {
		parts[i] = fmt.Sprint(part)
	}
	return strings.Join(parts, ".")
}

// of is what v holds at the path. other is in place of what is not there, unless
// it is nil.
func (p route) of(f *frame, v, other any) (any, error) {
	for _, key := range p {
		if u, ok := v.(*python.Undefined); ok {
			return nil, u.Fault()
		}
		found, ok := itemOf(v, key)
		switch {
		case ok:
			v = found
		case other != nil:
			v = other
		default:
			name := fmt.Sprint(key)
			v = f.m.nothing("an item has no %s%s", p, suggest(name, keysOf(v)))
		}
	}
	return v, nil
}

// keyOf gives what items are compared by: themselves or an attribute, texts in
// small letters unless the case counts.
func keyOf(f *frame, attribute, caseSensitive any) (func(any) (any, error), error) {
	p, err := newRoute(attribute)
	if err != nil {
		return nil, err
	}
	sensitive, err := methods.TruthArg(caseSensitive, false)
	if err != nil {
		return nil, err
	}
	return func(v any) (any, error) {
		key, err := p.of(f, v, nil)
		if s, ok := python.Text(key); ok && !sensitive {
			return letters.Lower(s), err
		}
		return key, err
	}, nil
}
