package operator

import (
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
)

// Iterate gives an iterator over the items of v: letters of a text, keys of a
// mapping.
func Iterate(v any) (*python.Iterator, error) {
	switch v := v.(type) {
	case *python.Iterator:
		return v, nil
	case *python.Range:
		return numbersOf(v), nil
	case *python.List:
		at := 0
		return python.NewIterator("a list", func() (any, bool, error) {
			if at >= len(v.Items) {
				return nil, false, nil
			}
			at++
			return v.Items[at-1], true, nil
		}), nil
	case *python.Tuple:
		return walk(v.Items), nil
	case *python.Dict:
		return walk(v.Keys()), nil
	case *python.View:
		return walk(v.Items()), nil
	case string:
		return walk(letters(v)), nil
	case python.Markup:
		return walk(letters(string(v))), nil
	case *python.Undefined:
		return walk(nil), python.Use(v)
	case interface {
		Iterate() (*python.Iterator, error)
	}: // another type of the caller's
		return v.Iterate()
	}
	return nil, python.Errorf("%s is not a list, mapping or text", python.Kind(v))
}

func letters(s string) []any {
	out := make([]any, 0, len(s))
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}

// walk is an iterator over items.
func walk(items []any) *python.Iterator {
	at := 0
	return python.NewIterator("a list", func() (any, bool, error) {
		if at >= len(items) {
			return nil, false, nil
		}
		at++
		return items[at-1], true, nil
	})
}

func numbersOf(r *python.Range) *python.Iterator {
	at, n := 0, r.Len()
	return python.NewIterator("a range", func() (any, bool, error) {
		if at >= n {
			return nil, false, nil
		}
		at++
		return r.Start + (at-1)*r.Step, true, nil
	})
}

// Items are the items of v in a list of its own.
func Items(v any) ([]any, error) {
	it, err := Iterate(v)
	if err != nil {
		return nil, err
	}
	var out []any
	for {
		item, ok, err := it.Next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return out, nil
		}
		if len(out) == python.MaxItems {
			return nil, python.Errorf("there are more than %d items", python.MaxItems)
		}
		out = append(out, item)
	}
}

// Later is an iterator over what items gives when it is first asked.
func Later(name string, items func() ([]any, error)) *python.Iterator {
	var it *python.Iterator
	return python.NewIterator(name, func() (any, bool, error) {
		if it == nil {
			all, err := items()
			if err != nil {
				return nil, false, err
			}
			it = walk(all)
		}
		return it.Next()
	})
}

// Reversed is Python's reversed(v).
func Reversed(v any) (*python.Iterator, bool) {
	var items []any
	switch v := v.(type) {
	case *python.List:
		items = v.Items
	case *python.Tuple:
		items = v.Items
	case *python.Dict:
		items = v.Keys()
	case *python.View:
		items = v.Items()
	case *python.Range:
		var err error
		if items, err = Items(v); err != nil {
			return nil, false
		}
	case string:
		items = letters(v)
	case python.Markup:
		items = letters(string(v))
	default:
		return nil, false
	}
	at := len(items)
	return python.NewIterator("reverse", func() (any, bool, error) {
		if at == 0 {
			return nil, false, nil
		}
		at--
		return items[at], true, nil
	}), true
}

// GetItem is v[key]. It reports false where Python raises what Jinja takes for
// an item that is not there.
func GetItem(v, key any) (any, bool) {
	switch v := v.(type) {
	case *python.Dict:
		value, ok, err := v.Get(key)
		return value, ok && err == nil
	case *python.List:
		return at(v.Items, key)
	case *python.Tuple:
		return at(v.Items, key)
	case *python.Range:
		if i, ok := Index(key, v.Len()); ok {
			return v.Start + i*v.Step, true
		}
	case string, python.Markup:
		s, _ := python.Text(v)
		runes := []rune(s)
		if i, ok := Index(key, len(runes)); ok {
			return python.Like(v, string(runes[i])), true
		}
	}
	return nil, false
}

func at(items []any, key any) (any, bool) {
	if i, ok := Index(key, len(items)); ok {
		return items[i], true
	}
	return nil, false
}

// Index is key as an index from 0; a negative one counts from the end.
func Index(key any, n int) (int, bool) {
	i, ok := num.Int(key)
	if !ok {
		return 0, false
	}
	if i < 0 {
		i += n
	}
	return i, i >= 0 && i < n
}

// Slice is v[low:high:step]; what is nil is not given. It reports false where v
// cannot be sliced, or not by these.
func Slice(v, low, high, step any) (any, bool, error) {
	n, ok := python.Len(v)
	if !ok || !isSequence(v) && !isRange(v) {
		return nil, false, nil
	}
	var bounds [3]*int
	for i, part := range []any{low, high, step} {
		if part == nil {
			continue
		}
		big, ok := num.Big(part)
		if !ok {
			return nil, false, nil
		}
		number := ClampInt(big.IsInt64(), big.Int64(), big.Sign())
		bounds[i] = &number
	}
	if bounds[2] != nil && *bounds[2] == 0 {
		return nil, true, python.Errorf("a slice has the step 0")
	}
	return cut(v, picks(n, bounds)), true, nil
}

func isRange(v any) bool { _, ok := v.(*python.Range); return ok }

// ClampInt is a bound of a slice; more than MaxText is as good as endless.
func ClampInt(fits bool, n int64, sign int) int {
	const most = 1 << 40
	if !fits {
		return sign * most
	}
	return int(min(max(n, -most), most))
}

// picked are the indexes of a slice.
type picked struct{ first, last, step int }

func picks(n int, bounds [3]*int) picked {
	step := 1
	if bounds[2] != nil {
		step = *bounds[2]
	}
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	clamp := func(p *int, absent int) int {
		switch {
		case p == nil:
			return absent
		case *p < 0:
			return max(*p+n, low)
		}
		return min(*p, high)
	}
	if step < 0 {
		return picked{clamp(bounds[0], high), clamp(bounds[1], low), step}
	}
	return picked{clamp(bounds[0], low), clamp(bounds[1], high), step}
}

func (p picked) each(do func(i int)) {
	for i := p.first; p.step > 0 && i < p.last || p.step < 0 && i > p.last; i += p.step {
		do(i)
	}
}

func cut(v any, p picked) any {
	switch v := v.(type) {
	case string, python.Markup:
		s, _ := python.Text(v)
		runes := []rune(s)
		var out []rune
		p.each(func(i int) { out = append(out, runes[i]) })
		return python.Like(v, string(out))
	case *python.Range:
		return &python.Range{Start: v.Start + p.first*v.Step, Stop: v.Start + p.last*v.Step, Step: v.Step * p.step}
	case *python.Tuple:
		return python.NewTuple(chosen(v.Items, p)...)
	case *python.List:
		return &python.List{Items: chosen(v.Items, p)}
	}
	return nil
}

func chosen(items []any, p picked) []any {
	var out []any
	p.each(func(i int) { out = append(out, items[i]) })
	return out
}

// Update sets the keys of v, a mapping or pairs, in d.
func Update(d *python.Dict, v any) error {
	if other, ok := v.(*python.Dict); ok {
		for i, key := range other.Keys() {
			if err := d.Set(key, other.Values()[i]); err != nil {
				return err
			}
		}
		return nil
	}
	items, err := Items(v)
	if err != nil {
		return err
	}
	for _, pair := range items {
		two, err := Items(pair)
		if err != nil {
			return err
		}
		if len(two) != 2 {
			return python.Errorf("%s is not a mapping, nor pairs", python.Kind(v))
		}
		if err := d.Set(two[0], two[1]); err != nil {
			return err
		}
	}
	return nil
}
