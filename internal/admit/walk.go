package admit

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/kinds"
)

// walker walks an object along types.
type walker struct {
	faults
	root     string
	rules    map[string]fieldRules // by type
	checks   map[string][]check    // by type
	tolerant bool                  // of unknown fields
	loose    bool                  // in status, whose values the server drops
}

// value walks what a field, an item or a value may be.
func (w *walker) value(at *path, v any, want kinds.Value) {
	if v == nil {
		return
	}
	switch want.Sort {
	case kinds.Object:
		w.object(at, v, want.Type)
	case kinds.Mapping:
		w.mapping(at, v, want)
	case kinds.List, kinds.Set:
		w.list(at, v, want)
	case kinds.Enum:
		w.enum(at, v, want)
	case kinds.Anything:
	default:
		w.scalar(at, v, want.Sort)
	}
}

func (w *walker) wrong(at *path, v any, want, mend string) {
	text := fmt.Sprintf("is %s, and has to be %s", called(v), want)
	if mend != "" {
		text += ": " + mend
	}
	w.add(at, Type, "%s", text)
}

func (w *walker) mapping(at *path, v any, want kinds.Value) {
	m, ok := v.(map[string]any)
	if !ok {
		w.wrong(at, v, "a mapping of names to values", "")
		return
	}
	for _, key := range sorted(m) {
		w.value(at.field(key), m[key], *want.Of)
	}
}

func (w *walker) list(at *path, v any, want kinds.Value) {
	items, ok := v.([]any)
	if !ok {
		mend := ""
		if want.Of.Sort == kinds.Text {
			mend = "write it as an item of one, with a dash before it"
		}
		w.wrong(at, v, "a list", mend)
		return
	}
	for i, item := range items {
		if item == nil && want.Of.Sort == kinds.Object {
			if want.Keys != nil {
				w.add(at.item(i), Type, "is null, and has to be a mapping")
				continue
			}
			item = map[string]any{}
		}
		if item == nil && want.Of.Sort == kinds.Enum {
			item = ""
		}
		w.value(at.item(i), item, *want.Of)
	}
	switch {
	case want.Sort == kinds.Set:
		w.set(at, items)
	case want.Keys != nil:
		w.keyed(at, items, want)
	}
}

// set refuses an item that is there twice: server-side apply does.
func (w *walker) set(at *path, items []any) {
	seen := map[string]bool{}
	for i, item := range items {
		key := fmt.Sprint(item)
		switch {
		case item == nil:
			w.add(at.item(i), Type, "is null, and this list tells its items apart")
		case seen[key]:
			w.add(at.item(i), Duplicate, "%s is there twice", short(key))
		}
		seen[key] = true
	}
}

// keyed refuses two items with the same keys: server-side apply cannot tell them apart.
func (w *walker) keyed(at *path, items []any, want kinds.Value) {
	seen := map[string]bool{}
	for i, item := range items {
		o, ok := item.(map[string]any)
		if !ok {
			continue
		}
		key, missing := keyOf(o, want, w.rules)
		if missing != "" {
			w.missing(at.item(i).field(missing))
			continue
		}
		if seen[key] {
			w.add(at.item(i), Duplicate, "%s is there twice: server-side apply tells the items of this list apart by %s", key, strings.Join(want.Keys, " and "))
		}
		seen[key] = true
	}
}

// keyOf is what tells an item apart, or which key is missing to do so.
func keyOf(o map[string]any, want kinds.Value, rules map[string]fieldRules) (key, missing string) {
	var words []string
	known := false // a key has a value, or a default
	for _, k := range want.Keys {
		v, there := o[k]
		known = known || there
		if !there {
			def, ok := defaultOf(want.Of.Type, k)
			if !ok {
				return "", k
			}
			v, known = def, known || def != "" || rules[want.Of.Type].optional(k)
		}
		words = append(words, fmt.Sprintf("%s %v", k, v))
	}
	if !known && want.Of.Type != "" {
		return "", want.Keys[0]
	}
	return strings.Join(words, ", "), ""
}

// defaultOf is the default of a key, if it may be left out.
func defaultOf(of, field string) (string, bool) {
	t, ok := kinds.TypeOf(of)
	if !ok {
		return "", true
	}
	fields := t.Field(field)
	if len(fields) == 0 {
		return "", true
	}
	return fields[0].Default, fields[0].Default != "" || !fields[0].Required
}

func (w *walker) enum(at *path, v any, want kinds.Value) {
	s, ok := v.(string)
	if !ok {
		w.scalar(at, v, kinds.Text)
		return
	}
	if _, item := at.step.(int); w.loose || s == "" && !item {
		return // empty is as if it were left out
	}
	var words []string
	for _, word := range want.Enum {
		served := word.Served.First <= w.servers.Last && word.Served.Last >= w.servers.First
		switch {
		case word.Text == s && served:
			w.servedBy(at, "is "+short(s)+", a word", word.Served)
			return
		case word.Text == s:
			w.add(at, Words, "is %s, a word of Kubernetes %s alone", short(s), word.Served)
			return
		case served:
			words = append(words, word.Text)
		}
	}
	w.oneOf(at, s, words)
}

func (w *walker) scalar(at *path, v any, want kinds.Sort) {
	switch want {
	case kinds.Text:
		w.text(at, v)
	case kinds.Bool:
		w.boolean(at, v)
	case kinds.Int32:
		w.whole(at, v, math.MinInt32, math.MaxInt32)
	case kinds.Int64:
		w.whole(at, v, math.MinInt64, math.MaxInt64)
	case kinds.Number:
		if !isNumber(v) {
			w.wrong(at, v, "a number", "")
		}
	case kinds.Quantity:
		w.quantity(at, v)
	case kinds.IntOrString:
		if _, ok := v.(string); !ok {
			w.whole(at, v, math.MinInt32, math.MaxInt32)
		}
	case kinds.Base64:
		w.base64(at, v)
	case kinds.Time:
		w.time(at, v, time.RFC3339, "2026-11-28T12:00:00Z")
	case kinds.MicroTime:
		w.time(at, v, micros, "2026-11-28T12:00:00.000000Z: its seconds have six digits behind the point")
	}
}

func (w *walker) boolean(at *path, v any) {
	if _, ok := v.(bool); ok {
		return
	}
	mend := ""
	if s, ok := v.(string); ok && (s == "true" || s == "false") {
		mend = "leave the quotes out"
	}
	w.wrong(at, v, "true or false", mend)
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, float64:
		return true
	}
	return false
}

func (w *walker) text(at *path, v any) bool {
	if _, ok := v.(string); ok {
		return true
	}
	mend := ""
	if _, list := v.([]any); !list {
		if _, mapping := v.(map[string]any); !mapping {
			mend = "put it in quotes"
		} else if at.step == "matchLabels" {
			mend = "this selector is made of labels alone, leave matchLabels out"
		}
	}
	w.wrong(at, v, "a text", mend)
	return false
}

func (w *walker) whole(at *path, v any, least, most int64) {
	n, ok := whole(v)
	switch {
	case !ok && isNumber(v):
		w.wrong(at, v, "a whole number", "")
	case !ok:
		mend := ""
		s, text := v.(string)
		if text && s != "" && strings.Trim(s, "-0123456789") == "" {
			mend = "leave the quotes out"
		}
		if text && hidden(s) != "" {
			w.add(at, Type, "is %s, and has to be a whole number%s", short(s), hidden(s))
			return
		}
		w.wrong(at, v, "a whole number", mend)
	case n < least || n > most:
		w.add(at, Type, "is %d, and has to be between %d and %d", n, least, most)
	}
}

func (w *walker) quantity(at *path, v any) {
	s, ok := v.(string)
	if isNumber(v) {
		return
	}
	if !ok {
		w.wrong(at, v, "a quantity", "")
		return
	}
	if _, ok := parseQuantity(s); !ok {
		w.add(at, Format, "is %s, which is no quantity: write a number with one of the units m k M G T P E Ki Mi Gi Ti Pi Ei, or none", short(s))
	}
}

func (w *walker) base64(at *path, v any) {
	if !w.text(at, v) {
		return
	}
	s := strings.NewReplacer("\n", "", "\r", "").Replace(v.(string))
	if _, err := base64.StdEncoding.DecodeString(s); err != nil {
		w.add(at, Format, "is not base64; in a Secret, plain text goes under stringData")
	}
}

// micros is how times are written whose seconds have a fraction (k8s.io/apimachinery,
// RFC3339Micro): without one, or with another, servers do not read them.
const micros = "2006-01-02T15:04:05.000000Z07:00"

func (w *walker) time(at *path, v any, layout, want string) {
	s, ok := v.(string)
	if !ok {
		w.text(at, v)
		return
	}
	if _, err := time.Parse(layout, s); err != nil {
		w.add(at, Format, "is %s, which is no time such as %s", short(s), want)
	}
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
