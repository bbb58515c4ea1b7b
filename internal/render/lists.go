package render

import (
	"slices"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// listMethods are the methods of lists. Those that change a list need one that
// a template made or was given; the results of some filters cannot be changed.
var listMethods = map[string]func(*exec.Value, *exec.VarArgs) (*exec.Value, error){
	"append": func(v *exec.Value, p *exec.VarArgs) (*exec.Value, error) {
		return change(v, func(l *list) error { return l.insert(len(*l), argument(p, 0, "object", nil)) })
	},
	"extend": func(v *exec.Value, p *exec.VarArgs) (*exec.Value, error) {
		items, ok := itemsOf(argument(p, 0, "iterable", nil))
		if !ok {
			return nil, faultf("extend needs a list")
		}
		return change(v, func(l *list) error { return l.insert(len(*l), items...) })
	},
	"insert": func(v *exec.Value, p *exec.VarArgs) (*exec.Value, error) {
		return change(v, func(l *list) error {
			at := min(max(whole(argument(p, 0, "index", 0)), 0), len(*l))
			return l.insert(at, argument(p, 1, "object", nil))
		})
	},
	"pop": popItem,
	"reverse": func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
		return change(v, func(l *list) error { slices.Reverse(*l); return nil })
	},
	"sort": func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) {
		return change(v, func(l *list) error {
			slices.SortStableFunc(*l, func(a, b any) int { return order(exec.ToValue(a), exec.ToValue(b)) })
			return nil
		})
	},
	"copy":  func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return join(v, exec.AsValue(&list{})), nil },
	"index": indexOf,
	"count": func(v *exec.Value, p *exec.VarArgs) (*exec.Value, error) {
		items, _ := itemsOf(v)
		n := 0
		for _, i := range items {
			if equal(i, argument(p, 0, "value", nil)) {
				n++
			}
		}
		return exec.AsValue(n), nil
	},
}

// change runs edit on the list that v is.
func change(v *exec.Value, edit func(*list) error) (*exec.Value, error) {
	l, ok := v.Interface().(*list)
	if !ok {
		return nil, faultf("%s cannot be changed", kind(v))
	}
	return exec.AsValue(nil), edit(l)
}

func (l *list) insert(at int, values ...*exec.Value) error {
	if len(*l)+len(values) > MaxItems {
		return faultf("a list has more than %d items", MaxItems)
	}
	for i, v := range values {
		if err := keep(v, l); err != nil {
			return err
		}
		*l = slices.Insert(*l, at+i, v.Interface())
	}
	return nil
}

func popItem(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	var out *exec.Value
	_, err := change(v, func(l *list) error { //nolint:errcheck // the value is that of the list, always none
		i, ok := index(argument(params, 0, "index", -1), len(*l))
		if !ok {
			return faultf("the list has no such item")
		}
		out = exec.ToValue((*l)[i])
		*l = slices.Delete(*l, i, i+1)
		return nil
	})
	return out, err
}

func indexOf(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	items, _ := itemsOf(v)
	for i, one := range items {
		if equal(one, argument(params, 0, "value", nil)) {
			return exec.AsValue(i), nil
		}
	}
	return nil, faultf("the list has no such item")
}
