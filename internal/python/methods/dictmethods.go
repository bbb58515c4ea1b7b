package methods

import (
	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

var dictMethods = map[string]method{
	"items": {"", func(self any, _ []any) (any, error) {
		return &python.View{Dict: self.(*python.Dict), Kind: "items"}, nil
	}},
	"keys": {"", func(self any, _ []any) (any, error) {
		return &python.View{Dict: self.(*python.Dict), Kind: "keys"}, nil
	}},
	"values": {"", func(self any, _ []any) (any, error) {
		return &python.View{Dict: self.(*python.Dict), Kind: "values"}, nil
	}},
	"copy":  {"", func(self any, _ []any) (any, error) { return self.(*python.Dict).Copy(), nil }},
	"clear": {"", func(self any, _ []any) (any, error) { *self.(*python.Dict) = *python.NewDict(); return nil, nil }},
	"get": {"/ key default=", func(self any, a []any) (any, error) {
		v, ok, err := self.(*python.Dict).Get(a[0])
		if ok || err != nil {
			return v, err
		}
		return orNone(a[1]), nil
	}},
	"pop": {"/ key default=", func(self any, a []any) (any, error) {
		v, ok, err := self.(*python.Dict).Delete(a[0])
		switch {
		case ok || err != nil:
			return v, err
		case Given(a[1]):
			return a[1], nil
		}
		return nil, noKey(a[0])
	}},
	"popitem": {"", func(self any, _ []any) (any, error) {
		d := self.(*python.Dict)
		if d.Len() == 0 {
			return nil, python.Errorf("the mapping is empty")
		}
		key := d.Keys()[d.Len()-1]
		value, _, err := d.Delete(key)
		return python.NewTuple(key, value), err
	}},
	"setdefault": {"/ key default=", func(self any, a []any) (any, error) {
		d := self.(*python.Dict)
		v, ok, err := d.Get(a[0])
		if ok || err != nil {
			return v, err
		}
		return orNone(a[1]), d.Set(a[0], orNone(a[1]))
	}},
	"update": {"/ other= **", func(self any, a []any) (any, error) {
		d := self.(*python.Dict)
		if Given(a[0]) {
			if err := operator.Update(d, a[0]); err != nil {
				return nil, err
			}
		}
		return nil, operator.Update(d, a[1])
	}},
	"fromkeys": {"/ iterable value=", func(_ any, a []any) (any, error) {
		keys, err := operator.Items(a[0])
		if err != nil {
			return nil, err
		}
		d := python.NewDict()
		for _, key := range keys {
			if err := d.Set(key, orNone(a[1])); err != nil {
				return nil, err
			}
		}
		return d, nil
	}},
}

func orNone(v any) any {
	if Given(v) {
		return v
	}
	return nil
}

func noKey(key any) error {
	name, err := str.Repr(key)
	if err != nil {
		return err
	}
	return python.Errorf("there is no key %s", name)
}
