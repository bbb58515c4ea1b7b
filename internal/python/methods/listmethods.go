package methods

import (
	"slices"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/operator"
)

var listMethods = map[string]method{
	"append": {"/ object", func(self any, a []any) (any, error) {
		return insert(self.(*python.List), len(self.(*python.List).Items), a[0])
	}},
	"clear": {"", func(self any, _ []any) (any, error) { self.(*python.List).Items = nil; return nil, nil }},
	"copy": {"", func(self any, _ []any) (any, error) {
		return &python.List{Items: slices.Clone(self.(*python.List).Items)}, nil
	}},
	"count": {"/ value", countItems},
	"extend": {"/ iterable", func(self any, a []any) (any, error) {
		items, err := operator.Items(a[0])
		if err != nil {
			return nil, err
		}
		return insert(self.(*python.List), len(self.(*python.List).Items), items...)
	}},
	"index":   {"/ value start= stop=", indexItem},
	"insert":  {"/ index object", insertAt},
	"pop":     {"/ index=", popItem},
	"remove":  {"/ value", removeItem},
	"reverse": {"", func(self any, _ []any) (any, error) { slices.Reverse(self.(*python.List).Items); return nil, nil }},
	"sort":    {"* key= reverse=", sortItems},
}

func insert(l *python.List, at int, values ...any) (any, error) {
	if len(l.Items)+len(values) > python.MaxItems {
		return nil, python.Errorf("a list has more than %d items", python.MaxItems)
	}
	l.Items = slices.Insert(l.Items, at, values...)
	return nil, nil
}

func insertAt(self any, a []any) (any, error) {
	l := self.(*python.List)
	at, err := IntArg("insert", a[0], 0)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		at = max(at+len(l.Items), 0)
	}
	return insert(l, min(at, len(l.Items)), a[1])
}

func popItem(self any, a []any) (any, error) {
	l := self.(*python.List)
	at, err := IntArg("pop", a[0], -1)
	if err != nil {
		return nil, err
	}
	i, ok := operator.Index(at, len(l.Items))
	if !ok {
		return nil, python.Errorf("the list has no such item")
	}
	out := l.Items[i]
	l.Items = slices.Delete(l.Items, i, i+1)
	return out, nil
}

func removeItem(self any, a []any) (any, error) {
	i, err := indexItem(self, []any{a[0], missing{}, missing{}})
	if err != nil {
		return nil, err
	}
	l := self.(*python.List)
	l.Items = slices.Delete(l.Items, i.(int), i.(int)+1)
	return nil, nil
}

func sortItems(self any, a []any) (any, error) {
	l := self.(*python.List)
	if len(a[0].(*python.Tuple).Items) > 0 {
		return nil, python.Errorf("sort takes key and reverse by name only")
	}
	reverse, err := TruthArg(a[2], false)
	if err != nil {
		return nil, err
	}
	key := func(v any) (any, error) { return v, nil }
	if Given(a[1]) && a[1] != nil {
		f, ok := a[1].(python.Caller)
		if !ok {
			return nil, python.Errorf("%s cannot be called", python.Kind(a[1]))
		}
		key = func(v any) (any, error) { return f.Call(python.Args{Pos: []any{v}}) }
	}
	l.Items, err = operator.Sort(l.Items, key, reverse)
	return nil, err
}
