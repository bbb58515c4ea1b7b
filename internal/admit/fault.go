package admit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// Sort is what kind of fault something is.
type Sort string

// The sorts of faults.
const (
	Unknown   Sort = "unknown-field"
	Type      Sort = "type"
	Required  Sort = "required"
	Words     Sort = "enum"
	Range     Sort = "range"
	Format    Sort = "format"
	Duplicate Sort = "duplicate"
	Meaning   Sort = "meaning"

	// Servers is of what some of the servers take.
	Servers Sort = "some-servers"
)

// Fault is one thing that a server refuses of an object.
type Fault struct {
	At      []any // names of fields and numbers of items that lead to the value
	Sort    Sort
	Message string // what is wrong, and what to write; without the place
}

// Where is the place in words, as in spec.containers[0].image.
func (f Fault) Where() string {
	var b strings.Builder
	for _, step := range f.At {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		case string:
			switch {
			case s == "":
				b.WriteString(`[""]`)
			case strings.ContainsAny(s, "./[] "):
				fmt.Fprintf(&b, "[%s]", s)
			case b.Len() > 0:
				b.WriteString("." + s)
			default:
				b.WriteString(s)
			}
		}
	}
	return b.String()
}

// path leads from a value up to its object.
type path struct {
	up   *path
	step any
}

func (p *path) field(name string) *path { return &path{p, name} }

func (p *path) item(i int) *path { return &path{p, i} }

func (p *path) steps() []any {
	n := 0
	for at := p; at != nil; at = at.up {
		n++
	}
	all := make([]any, n)
	for at := p; at != nil; at = at.up {
		n--
		all[n] = at.step
	}
	return all
}

// faults gathers what is found.
type faults struct {
	servers  kinds.Minors // that count
	all      []Fault
	unknowns int      // fields, so far
	claims   []string // that the pods of a StatefulSet mount beside their own volumes
	labels   object   // of a Pod, which servers add to its selectors; a template has none
}

func (f *faults) add(at *path, sort Sort, format string, args ...any) {
	f.all = append(f.all, Fault{at.steps(), sort, fmt.Sprintf(format, args...)})
}

func (f *faults) missing(at *path) { f.add(at, Required, "is missing") }

// maxMeant is for how many unknown fields of an object it is said what was probably meant,
// and maxNear among how many that is looked for: it takes as long as there are.
const (
	maxMeant = 50
	maxNear  = 500
)

// once leaves out words that rules refuse, from after on, where the type has refused them,
// from before on.
func (f *faults) once(before, after int) {
	if after == len(f.all) {
		return
	}
	said := map[string]bool{}
	for _, one := range f.all[before:after] {
		if one.Sort == Words {
			said[one.Where()] = true
		}
	}
	f.all = append(f.all[:after], slices.DeleteFunc(f.all[after:], func(one Fault) bool { return one.Sort == Words && said[one.Where()] })...)
}

// check says what is wrong between the fields of one object of a type.
type check func(at *path, o object, found *faults)

// told leaves out what else is said of values of another type: they are not missing, nor empty.
func told(all []Fault) []Fault {
	wrong := map[string]bool{}
	for _, f := range all {
		if f.Sort == Type {
			wrong[f.Where()] = true
		}
	}
	if len(wrong) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(f Fault) bool { return f.Sort != Type && wrong[f.Where()] })
}
