package render

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/methods"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

// extreme is the item whose key comes first by an operator.
func extreme(op string) func(*frame, any, []any) (any, error) {
	return func(f *frame, v any, a []any) (any, error) {
		items, err := operator.Items(v)
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
				if better, err = operator.Compare(op, k, bestKey); err != nil {
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
	items, err := operator.Items(v)
	if err != nil {
		return nil, err
	}
	reversed, err := methods.TruthArg(a[0], false)
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
	out, err := operator.Sort(items, func(one any) (any, error) {
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
			if it, err = operator.Iterate(v); err != nil {
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
	by, err := methods.TextArg("dictsort", a[1], "key")
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
	reversed, err := methods.TruthArg(a[2], false)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(f, at[by], a[0])
	if err != nil {
		return nil, err
	}
	out, err := operator.Sort(pairsOf(d), key, reversed)
	return &python.List{Items: out}, err
}
