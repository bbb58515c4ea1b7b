package render

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/python"
	"github.com/kpm-sh/kpm/internal/python/num"
	"github.com/kpm-sh/kpm/internal/python/operator"
	"github.com/kpm-sh/kpm/internal/python/str"
)

// pprint is what Python's pprint makes of a value: mappings sorted, and an item a
// line where one line of 80 characters is not enough.
func pprint(v any) (string, error) {
	p := &pretty{}
	err := p.value(v, 0, 0, 0)
	return p.String(), err
}

type pretty struct{ strings.Builder }

const prettyWidth = 80

// value writes v at a column, with so many characters that follow it.
func (p *pretty) value(v any, indent, after, depth int) error {
	if depth > python.MaxDepth {
		return python.Errorf("a value nests more than %d deep", python.MaxDepth)
	}
	line, err := prettyLine(v, depth)
	if err != nil {
		return err
	}
	if utf8.RuneCountInString(line) <= prettyWidth-indent-after {
		p.WriteString(line)
		return nil
	}
	switch v := v.(type) {
	case *python.List:
		return p.Items("[", v.Items, "]", indent, after, depth)
	case *python.Tuple:
		end := ")"
		if len(v.Items) == 1 {
			end = ",)"
		}
		return p.Items("(", v.Items, end, indent, after, depth)
	case *python.Dict:
		return p.mapping(v, indent, after, depth)
	case string:
		return python.Errorf("pprint: a text is too long for a line of %d characters", prettyWidth)
	}
	p.WriteString(line)
	return nil
}

func (p *pretty) Items(open string, items []any, end string, indent, after, depth int) error {
	p.WriteString(open)
	for i, item := range items {
		left := 1
		if i > 0 {
			p.WriteString(",\n" + strings.Repeat(" ", indent+1))
		}
		if i == len(items)-1 {
			left = after + len(end)
		}
		if err := p.value(item, indent+1, left, depth+1); err != nil {
			return err
		}
	}
	p.WriteString(end)
	return nil
}

func (p *pretty) mapping(d *python.Dict, indent, after, depth int) error {
	sorted, err := prettySorted(d)
	if err != nil {
		return err
	}
	p.WriteString("{")
	for i, key := range sorted {
		if i > 0 {
			p.WriteString(",\n" + strings.Repeat(" ", indent+1))
		}
		name, err := prettyLine(key, depth+1)
		if err != nil {
			return err
		}
		p.WriteString(name + ": ")
		left := 1
		if i == len(sorted)-1 {
			left = after + 1
		}
		v, _, err := d.Get(key)
		if err != nil {
			return err
		}
		if err := p.value(v, indent+1+utf8.RuneCountInString(name)+2, left, depth+1); err != nil {
			return err
		}
	}
	p.WriteString("}")
	return nil
}

// prettySorted are the keys of a mapping, sorted; those of kinds that cannot be
// compared by the names of their types in Python.
func prettySorted(d *python.Dict) ([]any, error) {
	keys := slices.Clone(d.Keys())
	var fault error
	slices.SortStableFunc(keys, func(a, b any) int {
		less, err := operator.Compare("<", a, b)
		if err != nil {
			if typeName(a) == typeName(b) {
				fault = err
			}
			return strings.Compare(typeName(a), typeName(b))
		}
		if less {
			return -1
		}
		more, _ := operator.Compare("<", b, a) //nolint:errcheck // it can be compared, as the other way round
		return num.AsInt(more)
	})
	return keys, fault
}

// typeName is the name of the type of a key.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case float64:
		return "float"
	case string:
		return "str"
	case python.Markup:
		return "Markup"
	case *python.Tuple:
		return "tuple"
	}
	return "int"
}

// prettyLine is Repr with sorted mappings.
func prettyLine(v any, depth int) (string, error) {
	if depth > python.MaxDepth {
		return "", python.Errorf("a value nests more than %d deep", python.MaxDepth)
	}
	sorted, err := sortedCopy(v, depth)
	if err != nil {
		return "", err
	}
	return str.Repr(sorted)
}

func sortedCopy(v any, depth int) (any, error) {
	if depth > python.MaxDepth {
		return nil, python.Errorf("a value nests more than %d deep", python.MaxDepth)
	}
	switch v := v.(type) {
	case *python.List:
		items, err := sortedItems(v.Items, depth)
		return &python.List{Items: items}, err
	case *python.Tuple:
		items, err := sortedItems(v.Items, depth)
		return python.NewTuple(items...), err
	case *python.Dict:
		keys, err := prettySorted(v)
		if err != nil {
			return nil, err
		}
		out := python.NewDict()
		for _, key := range keys {
			value, _, err := v.Get(key)
			if err != nil {
				return nil, err
			}
			if value, err = sortedCopy(value, depth+1); err != nil {
				return nil, err
			}
			if err := out.Set(key, value); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func sortedItems(items []any, depth int) ([]any, error) {
	out := make([]any, len(items))
	var err error
	for i, item := range items {
		if out[i], err = sortedCopy(item, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}
