package internal

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var tighten = flag.Bool("tighten", false, "TestFigures: write the figures that fell into "+keptFile)

// keptFile holds the figures that are above their limit, one a line: figure,
// subject, number. They may only fall; a subject that moves takes its line along.
const keptFile = "testdata/figures.txt"

// limits are the most that is allowed of each figure where keptFile says nothing.
var limits = map[string]int{
	"methods":  25,  // of a type
	"spread":   6,   // files that methods of a type are in
	"exported": 25,  // functions and types of a package
	"unused":   0,   // exported functions and types of a package that no other package names
	"cycle":    6,   // files of a package that refer to each other's names, all to all
	"complex":  0,   // functions of a package with a cyclomatic complexity above 15
	"function": 60,  // lines of a package's longest
	"file":     350, // lines of a package's longest
	"advice":   0,   // texts of a library that name a flag or a command; what to type is for cmd to say
	"parsed":   0,   // places of a package where the text of an error is searched or cut
	"permille": 3,   // of all functions
}

// wider are the packages whose formats have more names than the others' limit.
var wider = map[figure]int{
	{"exported", "internal/index"}: 43,
	{"exported", "internal/trust"}: 31,
}

func limit(f figure) int {
	if n, ok := wider[f]; ok {
		return n
	}
	return limits[f.name]
}

// figure is a number of one subject: a package, or a type of one.
type figure struct{ name, subject string }

// TestFigures holds each package and type to the limits, or to what keptFile
// has for it. With -v it prints a line a package.
func TestFigures(t *testing.T) {
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	got := map[figure]int{}
	lines, functions, complex := 0, 0, 0
	t.Logf("%-30s %6s %5s %5s %5s %7s %8s %8s %8s  %s", "package", "lines", "files", "cycle", "funcs", "complex", "exported", "file", "function", "methods(files) of the largest types")
	used := usedOutside(t, all)
	others, err := otherModules()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slices.Concat(all, others) {
		measured := s.measure(used)
		maps.Copy(got, measured)
		f := s.tally()
		lines, functions, complex = lines+f.lines, functions+f.functions, complex+measured[figure{"complex", s.name}]
		of := func(name string) int { return measured[figure{name, s.name}] }
		t.Logf("%-30s %6d %5d %5d %5d %7d %8d %8d %8d  %s  %s", s.name, f.lines, len(s.files), of("cycle"), f.functions, of("complex"),
			of("exported"), of("file"), of("function"), s.top(measured), s.details(used))
	}
	got[figure{"permille", "all"}] = (1000*complex + functions - 1) / functions
	t.Logf("%d lines, %d functions, %d of them above a complexity of 15", lines, functions, complex)
	compare(t, got)
}

// compare holds what is got to the limits and to what is kept.
func compare(t *testing.T, got map[figure]int) {
	t.Helper()
	if *tighten {
		kept, _ := readKept(t)
		writeKept(t, got, kept)
	}
	kept, doubles := readKept(t)
	if doubles > 0 {
		t.Errorf("%s has %d lines more than it needs: go test ./internal -run TestFigures -tighten", keptFile, doubles)
	}
	for _, f := range slices.SortedFunc(maps.Keys(got), byName) {
		most, ok := kept[f]
		if !ok {
			most = limit(f)
		}
		if got[f] > most {
			t.Errorf("%s of %s: %d, and at most %d are allowed (what moves as it is takes its line in %s along)", f.name, f.subject, got[f], most, keptFile)
		}
	}
	for _, f := range slices.SortedFunc(maps.Keys(kept), byName) {
		if max(got[f], limit(f)) < kept[f] {
			t.Errorf("%s of %s fell from %d to %d: keep that by go test ./internal -run TestFigures -tighten", f.name, f.subject, kept[f], got[f])
		}
	}
}

func byName(a, b figure) int {
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.subject, b.subject))
}

// readKept reads keptFile; of two lines that say the same the smaller number counts.
func readKept(t *testing.T) (map[figure]int, int) {
	t.Helper()
	text, err := os.ReadFile(keptFile)
	if err != nil {
		t.Fatal(err)
	}
	kept, doubles := map[figure]int{}, 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) != 3 {
			t.Fatalf("%s: %q is not a figure, a subject and a number", keptFile, line)
		}
		n, err := strconv.Atoi(words[2])
		if _, known := limits[words[0]]; err != nil || !known {
			t.Fatalf("%s: %q is not a figure, a subject and a number", keptFile, line)
		}
		f := figure{words[0], words[1]}
		if was, ok := kept[f]; ok {
			doubles++
			n = min(n, was)
		}
		kept[f] = n
	}
	return kept, doubles
}

// writeKept lowers what fell; it raises nothing and adds nothing.
func writeKept(t *testing.T, got, kept map[figure]int) {
	t.Helper()
	var text strings.Builder
	for _, f := range slices.SortedFunc(maps.Keys(kept), byName) {
		if n := min(got[f], kept[f]); n > limit(f) {
			fmt.Fprintf(&text, "%s %s %d\n", f.name, f.subject, n)
		}
	}
	if err := os.WriteFile(keptFile, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}
