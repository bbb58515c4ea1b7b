package python

// Iterate gives an iterator over the items of v: letters of a text, keys of a
// mapping.
func Iterate(v any) (*Iterator, error) {
	switch v := v.(type) {
	case *Iterator:
		return v, nil
	case *Range:
		return numbersOf(v), nil
	case *List:
		at := 0
		return NewIterator("a list", func() (any, bool, error) {
			if at >= len(v.Items) {
				return nil, false, nil
			}
			at++
			return v.Items[at-1], true, nil
		}), nil
	case *Tuple:
		return walk(v.Items), nil
	case *Dict:
		return walk(v.Keys()), nil
	case *View:
		return walk(v.items()), nil
	case string:
		return walk(letters(v)), nil
	case Markup:
		return walk(letters(string(v))), nil
	case *Undefined:
		return walk(nil), Use(v)
	case interface{ Iterate() (*Iterator, error) }: // another type of the caller's
		return v.Iterate()
	}
	return nil, Errorf("%s is not a list, mapping or text", Kind(v))
}

func letters(s string) []any {
	out := make([]any, 0, len(s))
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}

// walk is an iterator over items.
func walk(items []any) *Iterator {
	at := 0
	return NewIterator("a list", func() (any, bool, error) {
		if at >= len(items) {
			return nil, false, nil
		}
		at++
		return items[at-1], true, nil
	})
}

func numbersOf(r *Range) *Iterator {
	at, n := 0, r.Len()
	return NewIterator("a range", func() (any, bool, error) {
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
		if len(out) == MaxItems {
			return nil, Errorf("there are more than %d items", MaxItems)
		}
		out = append(out, item)
	}
}

// Later is an iterator over what items gives when it is first asked.
func Later(name string, items func() ([]any, error)) *Iterator {
	var it *Iterator
	return NewIterator(name, func() (any, bool, error) {
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
func Reversed(v any) (*Iterator, bool) {
	var items []any
	switch v := v.(type) {
	case *List:
		items = v.Items
	case *Tuple:
		items = v.Items
	case *Dict:
		items = v.Keys()
	case *View:
		items = v.items()
	case *Range:
		var err error
		if items, err = Items(v); err != nil {
			return nil, false
		}
	case string:
		items = letters(v)
	case Markup:
		items = letters(string(v))
	default:
		return nil, false
	}
	at := len(items)
	return NewIterator("reverse", func() (any, bool, error) {
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
	case *Dict:
		value, ok, err := v.Get(key)
		return value, ok && err == nil
	case *List:
		return at(v.Items, key)
	case *Tuple:
		return at(v.Items, key)
	case *Range:
		if i, ok := index(key, v.Len()); ok {
			return v.Start + i*v.Step, true
		}
	case string, Markup:
		s, _ := Text(v)
		runes := []rune(s)
		if i, ok := index(key, len(runes)); ok {
			return like(v, string(runes[i])), true
		}
	}
	return nil, false
}

func at(items []any, key any) (any, bool) {
	if i, ok := index(key, len(items)); ok {
		return items[i], true
	}
	return nil, false
}

// index is key as an index from 0; a negative one counts from the end.
func index(key any, n int) (int, bool) {
	i, ok := Int(key)
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
	n, ok := Len(v)
	if !ok || !isSequence(v) && !isRange(v) {
		return nil, false, nil
	}
	var bounds [3]*int
	for i, part := range []any{low, high, step} {
		if part == nil {
			continue
		}
		big, ok := whole(part)
		if !ok {
			return nil, false, nil
		}
		number := clampInt(big.IsInt64(), big.Int64(), big.Sign())
		bounds[i] = &number
	}
	if bounds[2] != nil && *bounds[2] == 0 {
		return nil, true, Errorf("a slice has the step 0")
	}
	return cut(v, picks(n, bounds)), true, nil
}

func isRange(v any) bool { _, ok := v.(*Range); return ok }

// clampInt is a bound of a slice; more than MaxText is as good as endless.
func clampInt(fits bool, n int64, sign int) int {
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
	case string, Markup:
		s, _ := Text(v)
		runes := []rune(s)
		var out []rune
		p.each(func(i int) { out = append(out, runes[i]) })
		return like(v, string(out))
	case *Range:
		return &Range{v.Start + p.first*v.Step, v.Start + p.last*v.Step, v.Step * p.step}
	case *Tuple:
		return NewTuple(chosen(v.Items, p)...)
	case *List:
		return &List{chosen(v.Items, p)}
	}
	return nil
}

func chosen(items []any, p picked) []any {
	var out []any
	p.each(func(i int) { out = append(out, items[i]) })
	return out
}

// Update sets the keys of v, a mapping or pairs, in d.
func Update(d *Dict, v any) error {
	if other, ok := v.(*Dict); ok {
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
			return Errorf("%s is not a mapping, nor pairs", Kind(v))
		}
		if err := d.Set(two[0], two[1]); err != nil {
			return err
		}
	}
	return nil
}
