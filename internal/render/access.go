package render

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
)

// access reads a key, an item or a slice of a value.
func (m *machine) access(r *exec.Renderer, n nodes.Node) (*exec.Value, error) {
	switch n := n.(type) {
	case *nodes.GetSlice:
		return m.slice(r, n)
	case *nodes.GetAttribute:
		v, err := m.owner(r, n.Node)
		if err != nil {
			return nil, err
		}
		m.at.token = n.Location
		if n.Attribute == "" {
			return m.member(v, n.Node, exec.AsValue(n.Index)), nil
		}
		return m.member(v, n.Node, exec.AsValue(n.Attribute)), nil
	case *nodes.GetItem:
		v, err := m.owner(r, n.Node)
		if err != nil {
			return nil, err
		}
		key, err := m.used(r, n.Arg)
		if err != nil {
			return nil, err
		}
		m.at.token = n.Location
		return m.member(v, n.Node, key), nil
	}
	return nil, faultf("a value is missing")
}

// owner is eval for what a key is asked of: it has to be defined, also in
// lenient mode.
func (m *machine) owner(r *exec.Renderer, n nodes.Node) (*exec.Value, error) {
	v, err := m.eval(r, n)
	if err != nil {
		return nil, err
	}
	if u := asUndefined(v); u != nil {
		return nil, m.missing(u)
	}
	return v, nil
}

// member is the item of v at key, or undefined.
func (m *machine) member(v *exec.Value, owner nodes.Node, key *exec.Value) *exec.Value {
	if item, ok := item(v, key); ok {
		return item
	}
	u := &undefined{name: str(key), at: m.at}
	if key.IsInteger() {
		u.what = fmt.Sprintf("%s[%s]", spell(owner), str(key))
	} else {
		u.what = spell(owner) + "." + str(key)
	}
	if v.IsDict() {
		for _, k := range keysOf(v) {
			u.known = append(u.known, str(k))
		}
	}
	return exec.AsValue(u)
}

// spell is an expression as its author wrote it, roughly.
func spell(n nodes.Node) string {
	switch n := n.(type) {
	case *nodes.Name:
		return n.Name.Val
	case *nodes.GetAttribute:
		if n.Attribute == "" {
			return spell(n.Node) + "." + strconv.Itoa(n.Index)
		}
		return spell(n.Node) + "." + n.Attribute
	case *nodes.GetItem:
		return spell(n.Node) + "[…]"
	}
	return "…"
}

// item is what v holds at key: a key of a mapping, an index of a list or text.
func item(v, key *exec.Value) (*exec.Value, bool) {
	if getter, ok := v.Interface().(exec.AttributeGetter); ok {
		return getter.GetAttribute(str(key))
	}
	if d, ok := v.Interface().(*exec.Dict); ok {
		for _, pair := range d.Pairs {
			if equal(pair.Key, key) {
				return pair.Value, true
			}
		}
		return nil, false
	}
	value := deref(v)
	switch value.Kind() {
	case reflect.Map:
		if key.IsString() && value.Type().Key().Kind() == reflect.String {
			if at := value.MapIndex(reflect.ValueOf(key.String())); at.IsValid() {
				return exec.ToValue(at), true
			}
		}
	case reflect.Slice, reflect.Array:
		if i, ok := index(key, value.Len()); ok {
			return exec.ToValue(value.Index(i)), true
		}
	case reflect.String:
		runes := []rune(value.String())
		if i, ok := index(key, len(runes)); ok {
			return exec.AsValue(string(runes[i])), true
		}
	}
	return nil, false
}

// index is key as an index from 0; a negative key counts from the end.
func index(key *exec.Value, n int) (int, bool) {
	if !key.IsInteger() {
		return 0, false
	}
	i := key.Integer()
	if i < 0 {
		i += n
	}
	return i, i >= 0 && i < n
}

// keysOf are the keys of a mapping: in their order when a template wrote it,
// else sorted.
func keysOf(v *exec.Value) []*exec.Value {
	if d, ok := v.Interface().(*exec.Dict); ok {
		return d.Keys()
	}
	value := deref(v)
	var keys []*exec.Value
	if value.Kind() == reflect.Map {
		for _, k := range value.MapKeys() {
			keys = append(keys, exec.ToValue(k))
		}
	}
	slices.SortFunc(keys, func(a, b *exec.Value) int { return order(a, b) })
	return keys
}

// slice is v[start:end:step].
func (m *machine) slice(r *exec.Renderer, n *nodes.GetSlice) (*exec.Value, error) {
	v, err := m.owner(r, n.Node)
	if err != nil {
		return nil, err
	}
	if !v.CanSlice() {
		return nil, faultf("%s cannot be sliced: it is %s", spell(n.Node), kind(v))
	}
	var bounds [3]*int
	for i, part := range []nodes.Node{n.Start, n.End, n.Step} {
		if part == nil {
			continue
		}
		at, err := m.used(r, part)
		if err != nil {
			return nil, err
		}
		if at.IsNil() {
			continue
		}
		if !at.IsInteger() {
			return nil, faultf("a slice has %s as a bound", kind(at))
		}
		number := at.Integer()
		bounds[i] = &number
	}
	if bounds[2] != nil && *bounds[2] == 0 {
		return nil, faultf("a slice has the step 0")
	}
	return cut(v, bounds), nil
}

// cut takes the items from bounds[0] on, before bounds[1], in steps of
// bounds[2]; nil is the default of each.
func cut(v *exec.Value, bounds [3]*int) *exec.Value {
	items, _ := itemsOf(v)
	n, step := len(items), 1
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
	first, last := clamp(bounds[0], low), clamp(bounds[1], high)
	if step < 0 {
		first, last = clamp(bounds[0], high), clamp(bounds[1], low)
	}
	var out []any
	for i := first; step > 0 && i < last || step < 0 && i > last; i += step {
		out = append(out, items[i].Interface())
		if step > n || -step > n {
			break
		}
	}
	if v.IsString() {
		var text string
		for _, part := range out {
			text += part.(string)
		}
		return exec.AsValue(text)
	}
	l := list(out)
	return exec.AsValue(&l)
}
