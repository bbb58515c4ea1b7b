package render

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
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
	j := &judgement{layers: layers, placed: map[string]place{}}
	faults, err := s.Faults(Merge(layers...))
	if err != nil {
		return kube.Problems{{Path: kube.SchemaPath, Message: err.Error()}}
	}
	for _, f := range faults {
		if !counts(f) {
			continue
		}
		text := f.Message
		if f.Unknown {
			text += j.instead(f.At[:len(f.At)-1], f.At[len(f.At)-1])
		}
		at := j.place(f.At)
		ps = append(ps, kube.Problem{Path: at.path, Line: at.line, Message: strings.TrimPrefix(dotted(f.At)+": "+text, ": ")})
	}
	ps.Sort()
	return slices.Compact(ps)
}

// judgement says of values that are wrong who set them. The first layer is the
// Kube's own.
type judgement struct {
	layers  []Layer
	placed  map[string]place // by JSON pointer
	unknown int              // names that the schema does not know, so far
}

// place is where a value was set.
type place struct {
	path string
	line int
}

// place is where the value at a location, or else what is around it, was set last.
func (j *judgement) place(at []string) place {
	for n := len(at); n > 0; n-- {
		for i := len(j.layers) - 1; i >= 0; i-- {
			value, ok := find(j.layers[i].Values, at[:n])
			if !ok {
				continue
			}
			pointer := jsonPointer(at[:n])
			found, ok := j.placed[pointer]
			if !ok {
				l := j.layers[j.first(i, at[:n], value)]
				found = place{l.Name, l.lines[pointer]}
				j.placed[pointer] = found
			}
			return found
		}
	}
	if len(j.layers) == 0 {
		return place{}
	}
	return place{j.layers[0].Name, 0}
}

// first is the layer that set a value which layer i has. Who only repeats it, as hooks do
// with what they are given, did not set it.
func (j *judgement) first(i int, at []string, value any) int {
	for below := i - 1; below >= 0; below-- {
		same, ok := find(j.layers[below].Values, at)
		if ok && !reflect.DeepEqual(same, value) {
			break
		}
		if ok {
			i = below
		}
	}
	return i
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
		if i, err := strconv.Atoi(at[0]); err == nil && i >= 0 && i < len(v) {
			return find(v[i], at[1:])
		}
	}
	return nil, false
}

// maxMeant is for how many unknown names is said what was meant: to find it takes as long
// as there are names.
const maxMeant = 50

// instead is how a message goes on about a name that the schema does not know. One
// that the Kube's own values have is a fault of the Kube.
func (j *judgement) instead(at []string, name string) string {
	known := j.known(at)
	if _, ok := known[name]; ok {
		return ": " + kube.ValuesPath + " has it, " + kube.SchemaPath + " does not"
	}
	if j.unknown++; j.unknown > maxMeant {
		return ""
	}
	return suggest(name, slices.Sorted(maps.Keys(known)))
}

// known are what the first layer, the Kube's own, has at a location.
func (j *judgement) known(at []string) Values {
	if len(j.layers) == 0 {
		return nil
	}
	values := j.layers[0].Values
	for _, name := range at {
		values, _ = values[name].(Values)
	}
	return values
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
