package python

var dictMethods = map[string]method{
	"items":  {"", func(self any, _ []any) (any, error) { return &View{self.(*Dict), "items"}, nil }},
	"keys":   {"", func(self any, _ []any) (any, error) { return &View{self.(*Dict), "keys"}, nil }},
	"values": {"", func(self any, _ []any) (any, error) { return &View{self.(*Dict), "values"}, nil }},
	"copy":   {"", func(self any, _ []any) (any, error) { return self.(*Dict).Copy(), nil }},
	"clear":  {"", func(self any, _ []any) (any, error) { *self.(*Dict) = *NewDict(); return nil, nil }},
	"get": {"/ key default=", func(self any, a []any) (any, error) {
		v, ok, err := self.(*Dict).Get(a[0])
		if ok || err != nil {
			return v, err
		}
		return orNone(a[1]), nil
	}},
	"pop": {"/ key default=", func(self any, a []any) (any, error) {
		v, ok, err := self.(*Dict).Delete(a[0])
		switch {
		case ok || err != nil:
			return v, err
		case Given(a[1]):
			return a[1], nil
		}
		return nil, noKey(a[0])
	}},
	"popitem": {"", func(self any, _ []any) (any, error) {
		d := self.(*Dict)
		if d.Len() == 0 {
			return nil, Errorf("the mapping is empty")
		}
		key := d.Keys()[d.Len()-1]
		value, _, err := d.Delete(key)
		return NewTuple(key, value), err
	}},
	"setdefault": {"/ key default=", func(self any, a []any) (any, error) {
		d := self.(*Dict)
		v, ok, err := d.Get(a[0])
		if ok || err != nil {
			return v, err
		}
		return orNone(a[1]), d.Set(a[0], orNone(a[1]))
	}},
	"update": {"/ other= **", func(self any, a []any) (any, error) {
		d := self.(*Dict)
		if Given(a[0]) {
			if err := Update(d, a[0]); err != nil {
				return nil, err
			}
		}
		return nil, Update(d, a[1])
	}},
	"fromkeys": {"/ iterable value=", func(_ any, a []any) (any, error) {
		keys, err := Items(a[0])
		if err != nil {
			return nil, err
		}
		d := NewDict()
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
	name, err := Repr(key)
	if err != nil {
		return err
	}
	return Errorf("there is no key %s", name)
}
