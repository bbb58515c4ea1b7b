package python

import (
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Dict is a mapping. It keeps the order in which its keys were set.
type Dict struct {
	keys   []any
	values []any
	index  map[any]int // of hashes
}

// NewDict makes an empty mapping.
func NewDict() *Dict { return &Dict{index: map[any]int{}} }

// Len is the number of its keys.
func (d *Dict) Len() int { return len(d.keys) }

// Keys are its keys, in order.
func (d *Dict) Keys() []any { return d.keys }

// Values are its values, in the order of the keys.
func (d *Dict) Values() []any { return d.values }

// Get is the value of a key. The error is for a key that cannot be one.
func (d *Dict) Get(key any) (any, bool, error) {
	h, err := hash(key, 0)
	if err != nil {
		return nil, false, err
	}
	i, ok := d.index[h]
	if !ok {
		return nil, false, nil
	}
	return d.values[i], true, nil
}

// Text is the value of a key that is a text.
func (d *Dict) Text(key string) (any, bool) {
	i, ok := d.index[key]
	if !ok {
		return nil, false
	}
	return d.values[i], true
}

// Set sets the value of a key, in the place of the one that was there.
func (d *Dict) Set(key, value any) error {
	h, err := hash(key, 0)
	if err != nil {
		return err
	}
	if i, ok := d.index[h]; ok {
		d.values[i] = value
		return nil
	}
	if len(d.keys) >= MaxItems {
		return Errorf("a mapping has more than %d items", MaxItems)
	}
	d.index[h] = len(d.keys)
	d.keys, d.values = append(d.keys, key), append(d.values, value)
	return nil
}

// SetText sets the value of a key that is a text. Who calls it bounds how many there
// are.
func (d *Dict) SetText(key string, value any) {
	if i, ok := d.index[key]; ok {
		d.values[i] = value
		return
	}
	d.index[key] = len(d.keys)
	d.keys, d.values = append(d.keys, key), append(d.values, value)
}

// Delete removes a key, and returns its value.
func (d *Dict) Delete(key any) (any, bool, error) {
	h, err := hash(key, 0)
	if err != nil {
		return nil, false, err
	}
	i, ok := d.index[h]
	if !ok {
		return nil, false, nil
	}
	value := d.values[i]
	d.keys, d.values = slices.Delete(d.keys, i, i+1), slices.Delete(d.values, i, i+1)
	delete(d.index, h)
	for other, at := range d.index {
		if at > i {
			d.index[other] = at - 1
		}
	}
	return value, true, nil
}

// Copy is another mapping with the same keys and values.
func (d *Dict) Copy() *Dict {
	out := NewDict()
	out.keys, out.values = slices.Clone(d.keys), slices.Clone(d.values)
	maps.Copy(out.index, d.index)
	return out
}

// pairs are its keys and values as tuples.
func (d *Dict) pairs() []any {
	out := make([]any, len(d.keys))
	for i := range d.keys {
		out[i] = NewTuple(d.keys[i], d.values[i])
	}
	return out
}

// View is what keys, values and items of a mapping give.
type View struct {
	Dict *Dict
	Kind string // keys, values or items
}

// Items are what the view shows now.
func (v *View) Items() []any {
	switch v.Kind {
	case "keys":
		return v.Dict.keys
	case "values":
		return v.Dict.values
	}
	return v.Dict.pairs()
}

// none and tupleHash are hashes that no text or number has.
type (
	none      struct{}
	tupleHash string
	floatHash uint64
	bigHash   string
)

// hash is the same for two values that are equal.
func hash(v any, depth int) (any, error) {
	switch v := v.(type) {
	case nil:
		return none{}, nil
	case bool:
		return map[bool]int{true: 1}[v], nil
	case int:
		return v, nil
	case string:
		return v, nil
	case Markup:
		return string(v), nil
	case float64:
		return hashFloat(v), nil
	case *big.Int:
		return bigHash(v.String()), nil
	case *Tuple:
		return hashTuple(v, depth)
	case *List, *Dict, *View:
		return nil, Errorf("%s cannot be a key", Kind(v))
	case *Undefined:
		return v, Use(v)
	}
	return v, nil
}

func hashFloat(f float64) any {
	if f != math.Trunc(f) || math.IsInf(f, 0) {
		return floatHash(math.Float64bits(f))
	}
	n, _ := big.NewFloat(f).Int(nil)
	if n.IsInt64() {
		return int(n.Int64())
	}
	return bigHash(n.String())
}

func hashTuple(t *Tuple, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, Errorf("a key nests more than %d deep", MaxDepth)
	}
	var b strings.Builder
	for _, item := range t.Items {
		h, err := hash(item, depth+1)
		if err != nil {
			return nil, err
		}
		part := hashText(h)
		b.WriteString(strconv.Itoa(len(part)) + ":" + part)
	}
	return tupleHash(b.String()), nil
}

func hashText(h any) string {
	switch h := h.(type) {
	case string:
		return "s" + h
	case int:
		return "i" + strconv.Itoa(h)
	case tupleHash:
		return "t" + string(h)
	case floatHash:
		return "f" + strconv.FormatUint(uint64(h), 16)
	case bigHash:
		return "b" + string(h)
	}
	return "o" + Kind(h)
}
