package render

import (
	"reflect"
	"slices"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// list is a list that a template can append to: the value is a *list.
type list []any

// String is what the list prints as.
func (l *list) String() string { return str(exec.AsValue(l)) }

// tuple is a list in parentheses.
type tuple []any

// String is what the tuple prints as.
func (t tuple) String() string { return str(exec.AsValue(t)) }

// namespace is a mapping whose keys a template may set from inside a loop.
type namespace map[string]any

// own copies a value of the caller, so that a template cannot change it.
func own(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = own(item)
		}
		return out
	case []any:
		out := make(list, len(v))
		for i, item := range v {
			out[i] = own(item)
		}
		return &out
	case int64:
		return int(v)
	}
	return value
}

// deref is what a value is, without the pointer around it.
func deref(v *exec.Value) reflect.Value {
	if v.Val.Kind() == reflect.Pointer {
		return v.Val.Elem()
	}
	return v.Val
}

// isNumber reports whether v counts as a number; True and False do, as 1 and 0.
func isNumber(v *exec.Value) bool { return v.IsNumber() || v.IsBool() }

// whole is v as a whole number.
func whole(v *exec.Value) int {
	if v.IsBool() {
		if v.Bool() {
			return 1
		}
		return 0
	}
	return v.Integer()
}

func float(v *exec.Value) float64 {
	if v.IsBool() {
		return float64(whole(v))
	}
	return v.Float()
}

// isTrue is the truth of a value: what is empty, zero, None or undefined is not.
func isTrue(v *exec.Value) bool {
	switch own := v.Interface().(type) {
	case nil, *undefined:
		return false
	case *exec.Dict:
		return len(own.Pairs) > 0
	case *macro, *loop, self:
		return true
	}
	return v.IsCallable() || v.IsTrue()
}

// itemsOf are what a loop over v gives: the items of a list, the letters of a
// text, the keys of a mapping. It reports false when v is none of these.
func itemsOf(v *exec.Value) ([]*exec.Value, bool) {
	if asUndefined(v) != nil {
		return nil, true
	}
	if l, ok := v.Interface().(*loop); ok && l != nil {
		return nil, false
	}
	if v.IsDict() {
		return keysOf(v), true
	}
	value := deref(v)
	var items []*exec.Value
	switch value.Kind() {
	case reflect.String:
		for _, r := range value.String() {
			items = append(items, exec.AsValue(string(r)))
		}
	case reflect.Slice, reflect.Array:
		for i := range value.Len() {
			items = append(items, exec.ToValue(value.Index(i)))
		}
	default:
		return nil, false
	}
	return items, true
}

// iterate is itemsOf, with an error for what is no collection.
func (m *machine) iterate(v *exec.Value) ([]*exec.Value, error) {
	if err := m.use(v); err != nil {
		return nil, err
	}
	items, ok := itemsOf(v)
	if !ok {
		return nil, faultf("%s is not a list, mapping or text", kind(v))
	}
	return items, nil
}

// put sets the item of a mapping, in the place of the one that was there.
func put(d *exec.Dict, key, value *exec.Value) {
	i := slices.IndexFunc(d.Pairs, func(p *exec.Pair) bool { return equal(p.Key, key) })
	if i >= 0 {
		d.Pairs[i].Value = value
		return
	}
	d.Pairs = append(d.Pairs, &exec.Pair{Key: key, Value: value})
}

// kind says what v is, for people.
func kind(v *exec.Value) string {
	switch v.Interface().(type) {
	case nil:
		return "None"
	case *undefined:
		return "undefined"
	case function, *macro:
		return "a function"
	case namespace:
		return "a namespace"
	case tuple:
		return "a tuple"
	}
	switch {
	case v.IsBool():
		return "True or False"
	case v.IsNumber():
		return "a number"
	case v.IsString():
		return "a text"
	case v.IsDict():
		return "a mapping"
	case v.IsList():
		return "a list"
	}
	return "a value"
}

// fits refuses a value that is too large to go on with. Large ones count as
// more than one step.
func (m *machine) fits(v *exec.Value) error {
	value := deref(v)
	switch value.Kind() {
	case reflect.String:
		m.steps += value.Len() >> 10
		if value.Len() > MaxOutput {
			return faultf("a text has more than %d bytes", MaxOutput)
		}
	case reflect.Slice, reflect.Array, reflect.Map:
		m.steps += value.Len() >> 4
		if value.Len() > MaxItems {
			return faultf("a list or mapping has more than %d items", MaxItems)
		}
	}
	return nil
}

// keep refuses a value that may not be stored: one that holds too much, or the
// container that it would be stored in.
func keep(v *exec.Value, container any) error {
	left := maxNodes
	within := reflect.ValueOf(container)
	var visit func(v *exec.Value, depth int) error
	visit = func(v *exec.Value, depth int) error {
		if left--; left < 0 || depth > MaxNesting {
			return faultf("a value holds more than %d values, or nests more than %d deep", maxNodes, MaxNesting)
		}
		if v.Val.IsValid() && within.IsValid() && v.Val.Type() == within.Type() && v.Val.UnsafePointer() == within.UnsafePointer() {
			return faultf("a value would hold itself")
		}
		for _, child := range children(v) {
			if err := visit(child, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return visit(v, 0)
}

// children are the values that v holds.
func children(v *exec.Value) []*exec.Value {
	if v.IsString() || !v.Val.IsValid() {
		return nil
	}
	if d, ok := v.Interface().(*exec.Dict); ok {
		var out []*exec.Value
		for _, p := range d.Pairs {
			out = append(out, p.Value)
		}
		return out
	}
	value := deref(v)
	if value.Kind() == reflect.Map {
		var out []*exec.Value
		for _, k := range value.MapKeys() {
			out = append(out, exec.ToValue(value.MapIndex(k)))
		}
		return out
	}
	items, _ := itemsOf(v)
	return items
}
