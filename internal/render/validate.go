package render

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/schema"
)

// Validate holds the merged layers against the values.schema.json of the Kube,
// if it has one. Each problem names the file or flag of the last layer that set
// the value, its line, and the value's name.
func Validate(k *kube.Kube, layers ...Layer) kube.Problems {
	return validate(k, layers, func(schema.Fault) bool { return true })
}

// ValidateSet is Validate while values are still to come that lie over all others. It
// gives only what they are not expected to mend: single values that the layers after
// the first set, the Kube's own.
func ValidateSet(k *kube.Kube, layers ...Layer) kube.Problems {
	return validate(k, layers, func(f schema.Fault) bool {
		return !f.Open && slices.ContainsFunc(layers[min(1, len(layers)):], func(l Layer) bool {
			value, ok := find(l.Values, f.At)
			return ok && (f.Unknown || single(value))
		})
	})
}

func single(value any) bool {
	switch value.(type) {
	case Values, []any, nil:
		return false
	}
	return true
}

func validate(k *kube.Kube, layers []Layer, counts func(schema.Fault) bool) kube.Problems {
	data, ok := k.File(kube.SchemaPath)
	if !ok {
		return nil
	}
	s, ps := schema.Parse(data)
	if s == nil {
		return ps
	}
	j := judgement(layers)
	for _, f := range s.Faults(Merge(layers...)) {
		if !counts(f) {
			continue
		}
		text := f.Message
		if f.Unknown {
			text += j.instead(f.At[:len(f.At)-1], f.At[len(f.At)-1])
		}
		path, line := j.place(f.At)
		ps = append(ps, kube.Problem{Path: path, Line: line, Message: strings.TrimPrefix(dotted(f.At)+": "+text, ": ")})
	}
	ps.Sort()
	return slices.Compact(ps)
}

// judgement says of values that are wrong who set them. The first layer is the
// Kube's own.
type judgement []Layer

// place is where the value at a location, or else what is around it, was set
// last. Who only repeats it, as hooks do with what they are given, did not set it.
func (j judgement) place(at []string) (string, int) {
	for n := len(at); n > 0; n-- {
		for i := len(j) - 1; i >= 0; i-- {
			value, ok := find(j[i].Values, at[:n])
			if !ok {
				continue
			}
			for below := i - 1; below >= 0; below-- {
				same, ok := find(j[below].Values, at[:n])
				if ok && !reflect.DeepEqual(same, value) {
					break
				}
				if ok {
					i = below
				}
			}
			return j[i].Name, j[i].lines[jsonPointer(at[:n])]
		}
	}
	if len(j) == 0 {
		return "", 0
	}
	return j[0].Name, 0
}

// find gives what a layer sets at a location, if it does.
func find(value any, at []string) (any, bool) {
	if len(at) == 0 {
		return value, true
	}
	switch v := value.(type) {
	case Values:
		child, ok := v[at[0]]
		if !ok {
			child, ok = v["["+at[0]+"]"]
		}
		if ok {
			return find(child, at[1:])
		}
	case []any:
		for i, child := range v {
			if fmt.Sprint(i) == at[0] {
				return find(child, at[1:])
			}
		}
	}
	return nil, false
}

// instead is how a message goes on about a name that the schema does not know. One
// that the Kube's own values have is a fault of the Kube.
func (j judgement) instead(at []string, name string) string {
	known := j.known(at)
	if slices.Contains(known, name) {
		return ": " + kube.ValuesPath + " has it, " + kube.SchemaPath + " does not"
	}
	return suggest(name, known)
}

// known are the names that the first layer, the Kube's own, has at a location.
func (j judgement) known(at []string) []string {
	if len(j) == 0 {
		return nil
	}
	values := j[0].Values
	for _, name := range at {
		values, _ = values[name].(Values)
	}
	return slices.Sorted(maps.Keys(values))
}

func jsonPointer(at []string) string {
	var b strings.Builder
	for _, name := range at {
		b.WriteString("/" + pointer(name))
	}
	return b.String()
}

// dotted is a location as --set has it.
func dotted(at []string) string {
	var b strings.Builder
	for _, name := range at {
		switch {
		case strings.Trim(name, "0123456789") == "" && b.Len() > 0:
			b.WriteString("[" + name + "]")
		case b.Len() > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}
