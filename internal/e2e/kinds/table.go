package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// table is what the file will hold.
type table struct {
	minors  []int
	kinds   map[string]kind             // by "apiVersion Kind"
	types   map[string]map[field]minors // fields of each definition
	seen    map[string]minors           // of each definition
	enums   map[string]map[string]minors
	removed map[string]removal // by "apiVersion Kind"
}

type kind struct {
	definition string
	scope      string
	served     minors
}

type field struct {
	name, kind, def string
	required        bool
}

// minors are ascending.
type minors []int

func (m minors) has(n int) bool { return slices.Contains(m, n) }

func (m minors) with(n int) minors {
	if m.has(n) {
		return m
	}
	return append(slices.Clone(m), n)
}

func newTable() *table {
	return &table{
		kinds: map[string]kind{}, types: map[string]map[field]minors{}, seen: map[string]minors{},
		enums: map[string]map[string]minors{}, removed: map[string]removal{},
	}
}

func (t *table) kind(k gvk, definition string, namespaced bool, minor int) {
	key := k.apiVersion() + " " + k.Kind
	had := t.kinds[key]
	scope := "cluster"
	if namespaced || had.scope == "namespace" {
		scope = "namespace"
	}
	t.kinds[key] = kind{definition, scope, had.served.with(minor)}
}

func (t *table) enum(name string, words []string, minor int) {
	if t.enums[name] == nil {
		t.enums[name] = map[string]minors{}
	}
	for _, w := range words {
		t.enums[name][w] = t.enums[name][w].with(minor)
	}
}

// during is the suffix of what not every minor of some has: @A-B, where A and B are left
// out at the ends of the table.
func (t *table) during(have, some minors) string {
	if len(have) == len(some) {
		return ""
	}
	text := "@"
	if have[0] > t.minors[0] {
		text += fmt.Sprint(have[0])
	}
	text += "-"
	if last := have[len(have)-1]; last < t.minors[len(t.minors)-1] {
		text += fmt.Sprint(last)
	}
	return text
}

func (t *table) write(w io.Writer) {
	t.gone()
	for _, key := range slices.Sorted(maps.Keys(t.removed)) {
		r := t.removed[key]
		fmt.Fprintf(w, "R %s %d %s\n", key, r.minor, cmp.Or(r.instead, "-"))
	}
	for _, key := range slices.Sorted(maps.Keys(t.kinds)) {
		k := t.kinds[key]
		fmt.Fprintf(w, "K %s %s %s%s\n", key, k.definition, k.scope, t.during(k.served, t.minors))
	}
	for _, name := range slices.Sorted(maps.Keys(t.enums)) {
		var words []string
		for _, word := range slices.Sorted(maps.Keys(t.enums[name])) {
			words = append(words, strings.ReplaceAll(word, " ", "_")+t.during(t.enums[name][word], t.inEnum(name)))
		}
		fmt.Fprintf(w, "E %s %s\n", name, strings.Join(words, " "))
	}
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		fmt.Fprintf(w, "T %s", name)
		fields := slices.SortedFunc(maps.Keys(t.types[name]), func(a, b field) int {
			return cmp.Or(strings.Compare(a.name, b.name), t.types[name][b][0]-t.types[name][a][0])
		})
		for _, f := range fields {
			mark := ""
			if f.required {
				mark = "!"
			}
			def := ""
			if f.def != "" {
				def = "=" + f.def
			}
			fmt.Fprintf(w, " %s%s:%s%s%s", f.name, mark, f.kind, def, t.during(t.types[name][f], t.seen[name]))
		}
		fmt.Fprintln(w)
	}
}

// inEnum are the minors that have an enumeration.
func (t *table) inEnum(name string) minors {
	var all minors
	for _, m := range t.minors {
		for _, have := range t.enums[name] {
			if have.has(m) {
				all = all.with(m)
			}
		}
	}
	return all
}

// gone sets by what servers have served when kinds went, and what each is written as
// today: announcements name what was new at their time, or nothing.
func (t *table) gone() {
	for key, k := range t.kinds {
		if last := k.served[len(k.served)-1]; last < t.minors[len(t.minors)-1] {
			r := t.removed[key]
			r.minor = last + 1
			t.removed[key] = r
		}
	}
	for key, r := range t.removed {
		apiVersion, kind, _ := strings.Cut(key, " ")
		r.instead = t.today(apiVersion, kind, r.instead)
		t.removed[key] = r
	}
}

// today is the apiVersion that newest servers have a kind in; "" where there is none.
func (t *table) today(was, kind, instead string) string {
	newest := t.minors[len(t.minors)-1]
	for range 5 {
		_, goes := t.removed[instead+" "+kind]
		if t.kinds[instead+" "+kind].served.has(newest) && !goes {
			return instead
		}
		instead = t.removed[instead+" "+kind].instead
	}
	group, _, _ := strings.Cut(was, "/")
	for _, version := range []string{"v1", "v2", "v1beta2", "v1beta1"} {
		at := group + "/" + version
		if _, goes := t.removed[at+" "+kind]; at != was && !goes && t.kinds[at+" "+kind].served.has(newest) {
			return at
		}
	}
	return ""
}
