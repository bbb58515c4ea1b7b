package render

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

var listFilters = map[string]filter{
	"list": {"", false, func(_ *frame, v any, _ []any) (any, error) {
		items, err := operator.Items(v)
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
		return operator.Later("items", func() ([]any, error) { return nil, nil }), nil
	}
	d, ok := v.(*python.Dict)
	if !ok {
		return nil, faultf("items needs a mapping, not %s", python.Kind(v))
	}
	return operator.Later("items", func() ([]any, error) { return pairsOf(d), nil }), nil
}

func first(f *frame, v any, _ []any) (any, error) {
	it, err := operator.Iterate(v)
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
	it, ok := operator.Reversed(v)
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
		return operator.Later("reverse", func() ([]any, error) { return nil, nil }), nil
	}
	if python.IsText(v) {
		out, _, err := operator.Slice(v, nil, nil, -1)
		return out, err
	}
	if it, ok := operator.Reversed(v); ok {
		return it, nil
	}
	items, err := operator.Items(v)
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
	items, err := operator.Items(v)
	if err != nil {
		return nil, err
	}
	p, err := newRoute(a[1])
	if err != nil {
		return nil, err
	}
	var separator any = ""
	if methods.Given(a[0]) {
		separator = a[0]
	}
	between, err := str.Str(separator)
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
		escaped, err := str.Escape(separator)
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
	items, err := operator.Items(v)
	if err != nil {
		return nil, err
	}
	p, err := newRoute(a[0])
	if err != nil {
		return nil, err
	}
	var total any = 0
	if methods.Given(a[1]) {
		total = a[1]
	}
	if python.IsText(total) {
		return nil, faultf("sum adds no texts: use join")
	}
	for _, one := range items {
		if one, err = p.of(f, one, nil); err != nil {
			return nil, err
		}
		if total, err = operator.Calculate("+", total, one); err != nil {
			return nil, err
		}
		if err := f.m.fits(total); err != nil {
			return nil, err
		}
	}
	return total, nil
}

func batch(_ *frame, v any, a []any) (any, error) {
	return operator.Later("batch", func() ([]any, error) {
		items, err := operator.Items(v)
		if err != nil {
			return nil, err
		}
		var out []any
		row := &python.List{}
		for _, one := range items {
			full, err := operator.Equal(len(row.Items), a[0])
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
		if !methods.Given(a[1]) || a[1] == nil {
			return out, nil
		}
		n, err := methods.IntArg("batch", a[0], 0)
		if err != nil {
			return nil, err
		}
		return out, fill(row, n-len(row.Items), a[1])
	}), nil
}

// fill adds a value so many times, if there is one.
func fill(row *python.List, times int, with any) error {
	if !methods.Given(with) || with == nil || times <= 0 {
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
	n, err := methods.IntArg("slice", a[0], 0)
	if err != nil {
		return nil, err
	}
	return operator.Later("slice", func() ([]any, error) {
		items, err := operator.Items(v)
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

// joinable is a value as a part of a text.
func joinable(v any, escaped bool) (string, error) {
	if escaped {
		safe, err := str.Escape(v)
		return string(safe), err
	}
	return str.Str(v)
}
