package twin

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kpm-sh/kpm/internal/manifest"
)

// differs says what is not the same in two renderings of a file, and at which line of
// ours, 0 where that is not known.
func differs(name string, ours []byte, theirs, fault string) (line int, text string) {
	if fault != "" {
		return 0, fault
	}
	got, _ := manifest.Decode(name, ours)             //nolint:errcheck // lint has said what is wrong with it
	want, ps := manifest.Decode(name, []byte(theirs)) // what is empty has no object
	if len(got) == 0 && len(want) == 0 {
		return 0, ""
	}
	if ps.Err() != nil {
		return 0, ps[0].Message
	}
	for i, o := range want {
		if i >= len(got) {
			return 0, fmt.Sprintf("it also gives %s", o)
		}
		if !reflect.DeepEqual(o.Value, got[i].Value) {
			d := differenceOf(got[i].Value, o.Value, nil)
			return manifest.LinesOf(ours).Of(got[i], d.at), fmt.Sprintf("%s of %s is %s with kpm, and %s with Python; write it so that both give the same", spelled(d.at), got[i], d.ours, d.theirs)
		}
	}
	if len(got) > len(want) {
		return got[len(want)].Line, fmt.Sprintf("it does not give %s", got[len(want)])
	}
	return 0, ""
}

// difference is the first field in which two values are not the same.
type difference struct {
	at           []any // names of fields, and numbers of items
	ours, theirs string
}

func differenceOf(ours, theirs any, at []any) difference {
	switch a := ours.(type) {
	case map[string]any:
		if b, ok := theirs.(map[string]any); ok {
			return inMappings(a, b, at)
		}
	case []any:
		if b, ok := theirs.([]any); ok {
			return inLists(a, b, at)
		}
	case string:
		if b, ok := theirs.(string); ok {
			return inTexts(a, b, at)
		}
	}
	return difference{at, short(ours), short(theirs)}
}

func inMappings(a, b map[string]any, at []any) difference {
	names := slices.Sorted(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		below := append(slices.Clone(at), name)
		x, here := a[name]
		y, there := b[name]
		switch {
		case !here:
			return difference{below, "not there", short(y)}
		case !there:
			return difference{below, short(x), "not there"}
		case !reflect.DeepEqual(x, y):
			return differenceOf(x, y, below)
		}
	}
	return difference{at: at}
}

func inLists(a, b []any, at []any) difference {
	for i := range min(len(a), len(b)) {
		if !reflect.DeepEqual(a[i], b[i]) {
			return differenceOf(a[i], b[i], append(slices.Clone(at), i))
		}
	}
	count := func(list []any) string { return fmt.Sprintf("%d items", len(list)) }
	return difference{at, count(a), count(b)}
}

// inTexts shows long texts from a little before the place where they part.
func inTexts(a, b string, at []any) difference {
	from := 0
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	if from -= 20; from < 20 {
		from = 0
	}
	for from > 0 && !utf8.RuneStart(a[from]) {
		from--
	}
	cut := func(s string) string {
		if from == 0 {
			return short(s)
		}
		return "…" + short(s[from:])
	}
	return difference{at, cut(a), cut(b)}
}

// short is a value as JSON, or the begin of it.
func short(v any) string {
	const most = 60
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if r := []rune(string(text)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(text)
}

// spelled is where a field is, as in spec.ports[0].
func spelled(at []any) string {
	var b strings.Builder
	for _, step := range at {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		case string:
			switch {
			case strings.ContainsAny(step, ". []"):
				b.WriteString("[" + strconv.Quote(step) + "]")
			case b.Len() > 0:
				b.WriteString("." + step)
			default:
				b.WriteString(step)
			}
		}
	}
	return b.String()
}
