package render

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/schema"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// word is what --set says before it is known what kind of value it replaces.
type word struct{ text string }

// Resolve gives the layers with the words of --set in the kind of the value that
// each replaces: what values.schema.json says, or else the Kube's default, or else
// the files and remembered values below it. Text keeps every word; true or false
// and numbers have to be written as in JSON. null removes a value of any kind. An
// error names the flag and not the value.
func Resolve(k *kube.Kube, layers []Layer) ([]Layer, error) {
	out := make([]Layer, 0, len(layers))
	var t *types
	var below []Layer
	for _, l := range layers {
		if t == nil && l.keys != nil {
			var err error
			if t, err = typesOf(k); err != nil {
				return nil, err
			}
		}
		if l.keys != nil {
			if err := reachable(Merge(append([]Layer{t.defaults}, out...)...), l.keys); err != nil {
				return nil, fmt.Errorf("%s: %w", l.Name, err)
			}
		}
		if l.word == nil {
			below = append(below, l)
			out = append(out, l)
			continue
		}
		value, err := l.word.as(t.of(l.keys, below))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.Name, err)
		}
		l.Values, l.word = nested(l.keys, value), nil
		out = append(out, l)
	}
	return out, nil
}

// reachable refuses a place inside of what has nothing inside, or has it under names and
// not under numbers: setting it would drop what is there.
func reachable(value any, keys []string) error {
	for i, key := range keys {
		n, item := itemIndex(key)
		had := placeOf(keys[:i])
		switch v := value.(type) {
		case nil:
			return nil
		case Values:
			if item && len(v) > 0 {
				return errcode.With(errcode.OneWord, nil, faultf("%s is a mapping, and has names and no items", had))
			}
			value = v[key]
		case []any:
			if !item {
				return errcode.With(errcode.OneWord, nil, faultf("%s is a list, whose items are %s[0] and so on", had, had))
			}
			if n >= len(v) {
				return nil
			}
			value = v[n]
		default:
			if v == "" { // as authors write what is to be filled in
				return nil
			}
			return errcode.With(errcode.OneWord, nil, faultf("%s is one value, with nothing inside", had))
		}
	}
	return nil
}

// placeOf is how a place is written.
func placeOf(keys []string) string {
	place := ""
	for _, key := range keys {
		if _, item := itemIndex(key); !item && place != "" {
			place += "."
		}
		place += key
	}
	return place
}

// bare reads a word where nothing is known of what it replaces.
func bare(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil && strconv.Itoa(n) == text {
		return n
	}
	return text
}

// as reads the word as a value of one of some kinds.
func (w *word) as(want schema.Kinds) (any, error) {
	if w.text == "null" {
		return nil, nil
	}
	switch want & (schema.Text | schema.Bool | schema.Number) {
	case schema.Text:
		return w.text, nil
	case schema.Bool:
		return w.bool()
	case schema.Number:
		return w.number()
	case 0:
		if want != 0 {
			return nil, errcode.With(errcode.OneWord, nil, faultf("one word does not replace a list or a mapping"))
		}
	}
	value := bare(w.text)
	if want&schema.Text != 0 && want&schema.KindOf(value) == 0 {
		return w.text, nil
	}
	return value, nil
}

func (w *word) bool() (any, error) {
	switch w.text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	if b, ok := yamlnode.Word(strings.ToLower(w.text)).(bool); ok {
		return nil, faultf("true or false is wanted: write %t", b)
	}
	return nil, faultf("true or false is wanted")
}

func (w *word) number() (any, error) {
	if !json.Valid([]byte(w.text)) || schema.KindOf(decoded(w.text)) != schema.Number || strings.TrimSpace(w.text) != w.text {
		return nil, faultf("a number is wanted, as JSON has them: 8080, -1, 0.5")
	}
	value, err := jsonNumber("", 0, w.text)
	if err != nil {
		return nil, faultf("a number of at most 64 bits is wanted")
	}
	return value, nil
}

func decoded(text string) any {
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil
	}
	return v
}

// types know what kinds of values a Kube wants.
type types struct {
	schema   *schema.Schema // nil: none
	defaults Layer
}

func typesOf(k *kube.Kube) (*types, error) {
	t := &types{}
	var err error
	if t.defaults, err = Defaults(k); err != nil {
		return nil, err
	}
	if data, ok := k.File(kube.SchemaPath); ok {
		t.schema, _ = schema.Parse(data) //nolint:errcheck // what is wrong with it, Validate says
	}
	return t, nil
}

// of are the kinds that may stand at a place; 0: nothing is known.
func (t *types) of(keys []string, below []Layer) schema.Kinds {
	at := make([]string, len(keys))
	for i, key := range keys {
		if n, ok := itemIndex(key); ok {
			key = strconv.Itoa(n)
		}
		at[i] = key
	}
	var had schema.Kinds
	for _, values := range []Values{t.defaults.Values, Merge(append([]Layer{t.defaults}, below...)...)} {
		if had == 0 {
			had = kindAt(values, at) &^ schema.Null
		}
	}
	switch allowed := t.schema.Allowed(at) &^ schema.Null; {
	case allowed == schema.Anything&^schema.Null, allowed&had == schema.Text:
		return had
	default:
		return allowed
	}
}

// kindAt is the kind of the value at a place, or of the items of the list that it
// would be an item of; 0 where it is not known.
func kindAt(value any, at []string) schema.Kinds {
	for i, name := range at {
		switch v := value.(type) {
		case Values:
			child, ok := v[name]
			if !ok {
				return 0
			}
			value = child
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil {
				return 0
			}
			if n >= len(v) {
				return kindOfItems(v, at[i+1:])
			}
			value = v[n]
		default:
			return 0
		}
	}
	return schema.KindOf(value)
}

// kindOfItems is the kind that all items of a list have at a place, or 0.
func kindOfItems(items []any, at []string) schema.Kinds {
	var all schema.Kinds
	for i, item := range items {
		k := kindAt(item, at)
		if i > 0 && k != all {
			return 0
		}
		all = k
	}
	return all
}
