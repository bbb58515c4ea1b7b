package render

import (
	"slices"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// textMethods are the methods of texts that gonja lacks or has otherwise.
var textMethods = map[string]func(string, *exec.VarArgs) (*exec.Value, error){
	"split":      func(s string, p *exec.VarArgs) (*exec.Value, error) { return split(s, p, strings.SplitN, false) },
	"rsplit":     func(s string, p *exec.VarArgs) (*exec.Value, error) { return split(s, p, splitLast, true) },
	"replace":    replace,
	"count":      count,
	"join":       joinTexts,
	"ljust":      func(s string, p *exec.VarArgs) (*exec.Value, error) { return pad(s, p, 0, 1) },
	"rjust":      func(s string, p *exec.VarArgs) (*exec.Value, error) { return pad(s, p, 1, 0) },
	"strip":      func(s string, p *exec.VarArgs) (*exec.Value, error) { return strip(s, p, true, true) },
	"lstrip":     func(s string, p *exec.VarArgs) (*exec.Value, error) { return strip(s, p, true, false) },
	"rstrip":     func(s string, p *exec.VarArgs) (*exec.Value, error) { return strip(s, p, false, true) },
	"startswith": func(s string, p *exec.VarArgs) (*exec.Value, error) { return affix(s, p, strings.HasPrefix) },
	"endswith":   func(s string, p *exec.VarArgs) (*exec.Value, error) { return affix(s, p, strings.HasSuffix) },
	"splitlines": splitLines,
	"partition":  func(s string, p *exec.VarArgs) (*exec.Value, error) { return partition(s, p, strings.Index, false) },
	"rpartition": func(s string, p *exec.VarArgs) (*exec.Value, error) { return partition(s, p, strings.LastIndex, true) },
	"format":     formatBraces,
}

func textList(parts []string) *exec.Value {
	out := make(list, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return exec.AsValue(&out)
}

// split is split(separator, most): without a separator at white space.
func split(s string, params *exec.VarArgs, cut func(string, string, int) []string, last bool) (*exec.Value, error) {
	separator, most := argument(params, 0, "sep", nil), argument(params, 1, "maxsplit", -1)
	n := -1
	if isWhole(most) && whole(most) >= 0 {
		n = whole(most) + 1
	}
	if !separator.IsNil() {
		if str(separator) == "" {
			return nil, faultf("split needs a separator that is not empty")
		}
		return textList(cut(s, str(separator), n)), nil
	}
	words := strings.Fields(s)
	if n < 0 || len(words) <= n {
		return textList(words), nil
	}
	return textList(fields(s, n, last)), nil
}

// fields are n words of s, the last (or first) with all the rest.
func fields(s string, n int, last bool) []string {
	var words []string
	rest := strings.TrimSpace(s)
	for len(words) < n-1 {
		at := strings.IndexFunc(rest, isSpace)
		if last {
			at = strings.LastIndexFunc(rest, isSpace)
			words, rest = append(words, rest[at+1:]), strings.TrimRightFunc(rest[:at], isSpace)
			continue
		}
		words, rest = append(words, rest[:at]), strings.TrimLeftFunc(rest[at:], isSpace)
	}
	words = append(words, rest)
	if last {
		slices.Reverse(words)
	}
	return words
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\n\r\v\f", r) }

// splitLast is strings.SplitN from the end.
func splitLast(s, separator string, n int) []string {
	parts := strings.Split(s, separator)
	if n < 0 || len(parts) <= n {
		return parts
	}
	first := strings.Join(parts[:len(parts)-n+1], separator)
	return append([]string{first}, parts[len(parts)-n+1:]...)
}

// replace is replace(old, new, most).
func replace(s string, params *exec.VarArgs) (*exec.Value, error) {
	if len(params.Args) < 2 {
		return nil, faultf("replace needs what to replace, and what with")
	}
	before, after, n := str(params.Args[0]), str(params.Args[1]), -1
	if most := argument(params, 2, "count", nil); isWhole(most) {
		n = whole(most)
	}
	if len(s)+strings.Count(s, before)*len(after) > MaxOutput {
		return nil, faultf("a text has more than %d bytes", MaxOutput)
	}
	return exec.AsValue(strings.Replace(s, before, after, n)), nil
}

func count(s string, params *exec.VarArgs) (*exec.Value, error) {
	return exec.AsValue(strings.Count(s, str(argument(params, 0, "sub", "")))), nil
}

func joinTexts(s string, params *exec.VarArgs) (*exec.Value, error) {
	items, ok := itemsOf(argument(params, 0, "iterable", nil))
	if !ok {
		return nil, faultf("join needs a list")
	}
	var b strings.Builder
	for i, v := range items {
		if !v.IsString() {
			return nil, faultf("join needs texts, and there is %s", kind(v))
		}
		if i > 0 {
			b.WriteString(s)
		}
		b.WriteString(v.String())
		if b.Len() > MaxOutput {
			return nil, faultf("a text has more than %d bytes", MaxOutput)
		}
	}
	return exec.AsValue(b.String()), nil
}

// pad fills s up to a width, left and right of it times over.
func pad(s string, params *exec.VarArgs, left, right int) (*exec.Value, error) {
	n := whole(argument(params, 0, "width", 0)) - len([]rune(s))
	fill := str(argument(params, 1, "fillchar", " "))
	if len([]rune(fill)) != 1 {
		return nil, faultf("the fill is one character")
	}
	return exec.AsValue(strings.Repeat(fill, max(n*left, 0)) + s + strings.Repeat(fill, max(n*right, 0))), nil
}

func strip(s string, params *exec.VarArgs, left, right bool) (*exec.Value, error) {
	drop := isSpace
	if chars := argument(params, 0, "chars", nil); !chars.IsNil() {
		set := str(chars)
		drop = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	if left {
		s = strings.TrimLeftFunc(s, drop)
	}
	if right {
		s = strings.TrimRightFunc(s, drop)
	}
	return exec.AsValue(s), nil
}

func affix(s string, params *exec.VarArgs, has func(string, string) bool) (*exec.Value, error) {
	part := argument(params, 0, "prefix", nil)
	options := []*exec.Value{part}
	if part.IsList() {
		options, _ = itemsOf(part)
	}
	for _, o := range options {
		if has(s, str(o)) {
			return exec.AsValue(true), nil
		}
	}
	return exec.AsValue(false), nil
}

func splitLines(s string, _ *exec.VarArgs) (*exec.Value, error) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	if s == "" {
		return textList(nil), nil
	}
	return textList(strings.Split(strings.TrimSuffix(s, "\n"), "\n")), nil
}

func partition(s string, params *exec.VarArgs, find func(string, string) int, last bool) (*exec.Value, error) {
	separator := str(argument(params, 0, "sep", ""))
	if separator == "" {
		return nil, faultf("partition needs a separator")
	}
	at := find(s, separator)
	switch {
	case at >= 0:
		return exec.AsValue(tuple{s[:at], separator, s[at+len(separator):]}), nil
	case last:
		return exec.AsValue(tuple{"", "", s}), nil
	}
	return exec.AsValue(tuple{s, "", ""}), nil
}

// mappingMethods are the methods of mappings.
var mappingMethods = map[string]func(*exec.Value, *exec.VarArgs) (*exec.Value, error){
	"items":  func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return listOf(pairsOf(v)), nil },
	"keys":   func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return listOf(keysOf(v)), nil },
	"values": func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return listOf(valuesOf(v)), nil },
	"copy":   func(v *exec.Value, _ *exec.VarArgs) (*exec.Value, error) { return copied(v), nil },
	"get": func(v *exec.Value, p *exec.VarArgs) (*exec.Value, error) {
		if found, ok := item(v, argument(p, 0, "key", nil)); ok {
			return found, nil
		}
		return argument(p, 1, "default", nil), nil
	},
	"update":     updated,
	"setdefault": setDefault,
	"pop":        popKey,
}

func valuesOf(v *exec.Value) []*exec.Value {
	var out []*exec.Value
	for _, key := range keysOf(v) {
		value, _ := item(v, key)
		out = append(out, value)
	}
	return out
}

func copied(v *exec.Value) *exec.Value {
	d := exec.NewDict()
	for _, key := range keysOf(v) {
		value, _ := item(v, key)
		d.Pairs = append(d.Pairs, &exec.Pair{Key: key, Value: value})
	}
	return exec.AsValue(d)
}

func updated(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	more, err := newMapping(params)
	if err != nil {
		return nil, err
	}
	for _, p := range more.Interface().(*exec.Dict).Pairs {
		if err := setKey(v, p.Key, p.Value); err != nil {
			return nil, err
		}
	}
	return exec.AsValue(nil), nil
}

func setDefault(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	key := argument(params, 0, "key", nil)
	if found, ok := item(v, key); ok {
		return found, nil
	}
	value := argument(params, 1, "default", nil)
	return value, setKey(v, key, value)
}

// setKey sets the item of a mapping at key.
func setKey(v, key, value *exec.Value) error {
	if err := keep(value, v.Interface()); err != nil {
		return err
	}
	if v.Len() >= MaxItems {
		return faultf("a mapping has more than %d items", MaxItems)
	}
	switch m := v.Interface().(type) {
	case *exec.Dict:
		put(m, key, value)
	case map[string]any:
		m[str(key)] = value.Interface()
	default:
		return faultf("%s cannot be changed", kind(v))
	}
	return nil
}

func popKey(v *exec.Value, params *exec.VarArgs) (*exec.Value, error) {
	key := argument(params, 0, "key", nil)
	found, ok := item(v, key)
	if !ok {
		if len(params.Args) < 2 {
			return nil, faultf("there is no key %s", repr(key))
		}
		return params.Args[1], nil
	}
	switch m := v.Interface().(type) {
	case *exec.Dict:
		m.Pairs = slices.DeleteFunc(m.Pairs, func(p *exec.Pair) bool { return equal(p.Key, key) })
	case map[string]any:
		delete(m, str(key))
	}
	return found, nil
}
