package merge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// listEdits gives a list that a side made of another: it moves, adds, removes and
// rewrites entries.
func listEdits(rnd *rand.Rand, list []string, letters int) []string {
	list = slices.Clone(list)
	letter := func() string { return string(rune('a' + rnd.IntN(letters))) }
	for range rnd.IntN(4) {
		i := rnd.IntN(len(list) + 1)
		switch action := rnd.IntN(4); {
		case action == 0 || len(list) == 0:
			list = slices.Insert(list, i, letter())
		case action == 1:
			i = rnd.IntN(len(list))
			moved := list[i]
			list = slices.Delete(list, i, i+1)
			list = slices.Insert(list, rnd.IntN(len(list)+1), moved)
		case action == 2:
			i = rnd.IntN(len(list))
			list = slices.Delete(list, i, i+1)
		default:
			list[rnd.IntN(len(list))] = letter()
		}
	}
	return list
}

// kindsOfLists write an entry as a text, as one of several arguments, and as a mapping
// that no key tells from the others.
var kindsOfLists = map[string]func(string) string{
	"texts":     func(s string) string { return s },
	"arguments": func(s string) string { return `"--` + s + `=on"` },
	"mappings":  func(s string) string { return "{rule: " + s + "}" },
}

// fileOf is a file whose list has an entry a line, in the manner of block or of flow.
func fileOf(entry func(string) string, list []string, flow bool) string {
	var entries []string
	for _, s := range list {
		entries = append(entries, entry(s))
	}
	if flow || len(list) == 0 {
		return "before: 1\ne: [" + strings.Join(entries, ", ") + "]\nafter: 1\n"
	}
	return "before: 1\ne:\n- " + strings.Join(entries, "\n- ") + "\nafter: 1\n"
}

// TestPlainLists merges lists without keys in which entries moved, and holds what comes out
// to what the lists say.
func TestPlainLists(t *testing.T) {
	rnd := rand.New(rand.NewPCG(30, 11))
	conflicts, clean := 0, 0
	for n := range 400 {
		letters := 4 + n%9
		var base []string
		for range rnd.IntN(6) {
			base = append(base, string(rune('a'+rnd.IntN(letters))))
		}
		ours, theirs := listEdits(rnd, base, letters), listEdits(rnd, base, letters)
		for kind, entry := range kindsOfLists {
			if checkList(t, kind, entry, n%2 == 0, base, ours, theirs) {
				conflicts++
			} else {
				clean++
			}
		}
	}
	t.Logf("%d conflicts, %d without", conflicts, clean)
	if conflicts < 300 || clean < 300 {
		t.Errorf("%d conflicts, and %d merges without: too few of one to say much", conflicts, clean)
	}
}

// checkList wants ours where the list conflicts, but for entries that do not, and else all
// that each side added and nothing that one removed, as often as it was; and the same
// whichever side is the user's.
func checkList(t *testing.T, kind string, entry func(string) string, flow bool, base, ours, theirs []string) (conflict bool) {
	t.Helper()
	what := fmt.Sprintf("%s: base %q, ours %q, theirs %q", kind, base, ours, theirs)
	file := func(list []string) *File { return &File{Data: []byte(fileOf(entry, list, flow))} }
	r := Merge("x.yaml", file(base), file(ours), file(theirs))
	back := Merge("x.yaml", file(base), file(theirs), file(ours))
	got := listOf(t, r.File.Data)
	if (r.Outcome == Conflict) != (back.Outcome == Conflict) {
		t.Errorf("%s: got %s, and %s the other way round", what, r.Outcome, back.Outcome)
	}
	for _, c := range r.Clashes {
		if !strings.Contains(c.Text, "e[") {
			if !slices.Equal(got, ours) {
				t.Errorf("%s: %v, and the list is %q", what, c, got)
			}
			return true
		}
	}
	conflict = len(r.Clashes) > 0 // of single entries
	for _, s := range slices.Concat(base, ours, theirs) {
		b, o, s3, n := count(base, s), count(ours, s), count(theirs, s), count(got, s)
		switch {
		case conflict && o != b && n >= o, conflict && s3 != b && o == 0 && n <= s3:
		case b != o && b != s3 && o != s3:
			t.Errorf("%s: both changed how often %s is there, without a conflict: %q", what, s, got)
		case n != either(b, o, s3):
			t.Errorf("%s: %s is %d times in %q, want %d", what, s, n, got, either(b, o, s3))
		}
	}
	if !conflict && !slices.Equal(got, listOf(t, back.File.Data)) {
		t.Errorf("%s: got %q, and the other way round %q", what, got, listOf(t, back.File.Data))
	}
	return conflict
}

func count(list []string, s string) int {
	n := 0
	for _, have := range list {
		if have == s {
			n++
		}
	}
	return n
}

// listOf are the letters of the list in a file.
func listOf(t *testing.T, data []byte) []string {
	t.Helper()
	var d = document{text: data}
	if !d.parse() {
		t.Fatalf("no YAML: %s", data)
	}
	var all []string
	for _, n := range field(d.tree.Content[0], "e").Content {
		text := n.Value
		if rule := field(n, "rule"); rule != nil {
			text = rule.Value
		}
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(text, "--"), "=on"))
	}
	return all
}
