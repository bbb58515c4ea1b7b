package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
)

// route is the way to an attribute, as "spec.ports.0".
type route []any

// newRoute reads a path: a text with dots, or the number of an item.
func newRoute(v any) (route, error) {
	if !python.Given(v) || v == nil {
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
	sensitive, err := python.TruthArg(caseSensitive, false)
	if err != nil {
		return nil, err
	}
	return func(v any) (any, error) {
		key, err := p.of(f, v, nil)
		if s, ok := python.Text(key); ok && !sensitive {
			return python.Lower(s), err
		}
		return key, err
	}, nil
}

var listFilters = map[string]filter{
	"list": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		items, err := python.Items(v)
		return &python.List{Items: items}, err
	}},
	"items":    {"", true, pairs},
	"first":    {"", false, first},
	"last":     {"", false, last},
	"reverse":  {"", false, reverse},
	"join":     {"d= attribute=", false, join},
	"sum":      {"attribute= start=", false, sum},
	"min":      {"case_sensitive= attribute=", false, extreme("<")},
	"max":      {"case_sensitive= attribute=", false, extreme(">")},
	"sort":     {"reverse= case_sensitive= attribute=", false, sorted},
	"unique":   {"case_sensitive= attribute=", false, unique},
	"dictsort": {"case_sensitive= by= reverse=", false, dictSort},
	"batch":    {"linecount fill_with=", false, batch},
	"slice":    {"slices fill_with=", false, columns},
}

func pairs(_ *frame, v any, _ []any) (any, error) {
	if isUndefined(v) {
		return python.Later("items", func() ([]any, error) { return nil, nil }), nil
	}
	d, ok := v.(*python.Dict)
	if !ok {
		return nil, faultf("items needs a mapping, not %s", python.Kind(v))
	}
	return python.Later("items", func() ([]any, error) { return pairsOf(d), nil }), nil
}

func first(f *frame, v any, _ []any) (any, error) {
	it, err := python.Iterate(v)
	if err != nil {
		return nil, err
	}
	item, ok, err := it.Next()
	if err != nil || ok {
		return item, err
	}
	return f.m.nothing("there is no first item: it is empty"), nil
}

func last(f *frame, v any, _ []any) (any, error) {
	if isUndefined(v) {
		return f.m.nothing("there is no last item: it is empty"), nil
	}
	it, ok := python.Reversed(v)
	if !ok {
		return nil, faultf("last needs a list, mapping or text, not %s", python.Kind(v))
	}
	item, ok, err := it.Next()
	if err != nil || ok {
		return item, err
	}
	return f.m.nothing("there is no last item: it is empty"), nil
}

func reverse(_ *frame, v any, _ []any) (any, error) {
	if isUndefined(v) {
		return python.Later("reverse", func() ([]any, error) { return nil, nil }), nil
	}
	if python.IsText(v) {
		out, _, err := python.Slice(v, nil, nil, -1)
		return out, err
	}
	if it, ok := python.Reversed(v); ok {
		return it, nil
	}
	items, err := python.Items(v)
	if err != nil {
		return nil, err
	}
	for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
		items[i], items[j] = items[j], items[i]
	}
	return &python.List{Items: items}, nil
}

// join is a list as one text.
func join(f *frame, v any, a []any) (any, error) {
	items, err := python.Items(v)
	if err != nil {
		return nil, err
	}
	p, err := newRoute(a[1])
	if err != nil {
		return nil, err
	}
	var separator any = ""
	if python.Given(a[0]) {
		separator = a[0]
	}
	between, err := python.Str(separator)
	if err != nil {
		return nil, err
	}
	_, safe := separator.(python.Markup)
	for i, one := range items {
		if items[i], err = p.of(f, one, nil); err != nil {
			return nil, err
		}
		if _, ok := items[i].(python.Markup); ok {
			safe = true
		}
	}
	if safe = safe && f.escape; safe {
		escaped, err := python.Escape(separator)
		if err != nil {
			return nil, err
		}
		between = string(escaped)
	}
	return joined(items, between, safe)
}

func joined(items []any, between string, safe bool) (any, error) {
	var b strings.Builder
	for i, one := range items {
		if i > 0 {
			b.WriteString(between)
		}
		text, err := joinable(one, safe)
		if err != nil {
			return nil, err
		}
		if b.WriteString(text); b.Len() > MaxOutput {
			return nil, faultf("a text has more than %d bytes", MaxOutput)
		}
	}
	if safe {
		return python.Markup(b.String()), nil
	}
	return b.String(), nil
}

func sum(f *frame, v any, a []any) (any, error) {
	items, err := python.Items(v)
	if err != nil {
		return nil, err
	}
	p, err := newRoute(a[0])
	if err != nil {
		return nil, err
	}
	var total any = 0
	if python.Given(a[1]) {
		total = a[1]
	}
	if python.IsText(total) {
		return nil, faultf("sum adds no texts: use join")
	}
	for _, one := range items {
		if one, err = p.of(f, one, nil); err != nil {
			return nil, err
		}
		if total, err = python.Calculate("+", total, one); err != nil {
			return nil, err
		}
		if err := f.m.fits(total); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// extreme is the item whose key comes first by an operator.
func extreme(op string) func(*frame, any, []any) (any, error) {
	return func(f *frame, v any, a []any) (any, error) {
		items, err := python.Items(v)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return f.m.nothing("there is no smallest or largest item: it is empty"), nil
		}
		key, err := keyOf(f, a[1], a[0])
		if err != nil {
			return nil, err
		}
		var best, bestKey any
		for i, one := range items {
			k, err := key(one)
			if err != nil {
				return nil, err
			}
			better := i == 0
			if !better {
				if better, err = python.Compare(op, k, bestKey); err != nil {
					return nil, err
				}
			}
			if better {
				best, bestKey = one, k
			}
		}
		return best, nil
	}
}

func sorted(f *frame, v any, a []any) (any, error) {
	items, err := python.Items(v)
	if err != nil {
		return nil, err
	}
	reversed, err := python.TruthArg(a[0], false)
	if err != nil {
		return nil, err
	}
	attributes := []any{a[2]}
	if s, ok := python.Text(a[2]); ok {
		attributes = nil
		for part := range strings.SplitSeq(s, ",") {
			attributes = append(attributes, part)
		}
	}
	keys := make([]func(any) (any, error), len(attributes))
	for i, attribute := range attributes {
		if keys[i], err = keyOf(f, attribute, a[1]); err != nil {
			return nil, err
		}
	}
	out, err := python.Sort(items, func(one any) (any, error) {
		all := make([]any, len(keys))
		for i, key := range keys {
			if all[i], err = key(one); err != nil {
				return nil, err
			}
		}
		return &python.List{Items: all}, nil
	}, reversed)
	return &python.List{Items: out}, err
}

// unique drops the items whose key was there before.
func unique(f *frame, v any, a []any) (any, error) {
	key, err := keyOf(f, a[1], a[0])
	if err != nil {
		return nil, err
	}
	seen := python.NewDict()
	var it *python.Iterator
	return python.NewIterator("unique", func() (any, bool, error) {
		if it == nil {
			if it, err = python.Iterate(v); err != nil {
				return nil, false, err
			}
		}
		for {
			one, ok, err := it.Next()
			if err != nil || !ok {
				return nil, false, err
			}
			k, err := key(one)
			if err != nil {
				return nil, false, err
			}
			_, there, err := seen.Get(k)
			if err != nil {
				return nil, false, err
			}
			if !there {
				return one, true, seen.Set(k, true)
			}
		}
	}), nil
}

func dictSort(f *frame, v any, a []any) (any, error) {
	by, err := python.TextArg("dictsort", a[1], "key")
	if err != nil {
		return nil, err
	}
	at := map[string]int{"key": 0, "value": 1}
	if _, ok := at[by]; !ok {
		return nil, faultf("dictsort sorts by key or value, not by %q", by)
	}
	d, ok := v.(*python.Dict)
	if !ok {
		return nil, faultf("dictsort needs a mapping, not %s", python.Kind(v))
	}
	reversed, err := python.TruthArg(a[2], false)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(f, at[by], a[0])
	if err != nil {
		return nil, err
	}
	out, err := python.Sort(pairsOf(d), key, reversed)
	return &python.List{Items: out}, err
}

func batch(_ *frame, v any, a []any) (any, error) {
	return python.Later("batch", func() ([]any, error) {
		items, err := python.Items(v)
		if err != nil {
			return nil, err
		}
		var out []any
		row := &python.List{}
		for _, one := range items {
			full, err := python.Equal(len(row.Items), a[0])
			if err != nil {
				return nil, err
			}
			if full {
				out, row = append(out, row), &python.List{}
			}
			row.Items = append(row.Items, one)
		}
		if len(row.Items) == 0 {
			return out, nil
		}
		out = append(out, row)
		if !python.Given(a[1]) || a[1] == nil {
			return out, nil
		}
		n, err := python.IntArg("batch", a[0], 0)
		if err != nil {
			return nil, err
		}
		return out, fill(row, n-len(row.Items), a[1])
	}), nil
}

// fill adds a value so many times, if there is one.
func fill(row *python.List, times int, with any) error {
	if !python.Given(with) || with == nil || times <= 0 {
		return nil
	}
	if times > MaxItems {
		return faultf("a list would have more than %d items", MaxItems)
	}
	for range times {
		row.Items = append(row.Items, with)
	}
	return nil
}

func columns(_ *frame, v any, a []any) (any, error) {
	n, err := python.IntArg("slice", a[0], 0)
	if err != nil {
		return nil, err
	}
	return python.Later("slice", func() ([]any, error) {
		items, err := python.Items(v)
		if err != nil {
			return nil, err
		}
		switch {
		case n == 0:
			return nil, faultf("division by zero")
		case n > MaxItems:
			return nil, faultf("a list would have more than %d items", MaxItems)
		}
		var out []any
		for i := range max(n, 0) {
			row := &python.List{}
			size := len(items) / n
			extra := min(i, len(items)%n)
			start, end := i*size+extra, (i+1)*size+extra
			if i < len(items)%n {
				end++
			}
			row.Items = append(row.Items, items[start:end]...)
			if i >= len(items)%n {
				if err := fill(row, 1, a[1]); err != nil {
					return nil, err
				}
			}
			out = append(out, row)
		}
		return out, nil
	}), nil
}
