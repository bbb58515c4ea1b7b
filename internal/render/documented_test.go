package render

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The list of filters and tests in docs/templates.md is written by this test, with
// -update, and is that of the code.
func TestDocumentedNames(t *testing.T) {
	const page, from, to = "../../docs/templates.md", "## Filters and tests\n", "\n## "
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), from)
	got, after, more := strings.Cut(rest, to)
	if !ok || !more {
		t.Fatalf("%s has no section %q before another", page, from)
	}
	want := documentedNames()
	if *update {
		if err := os.WriteFile(page, []byte(before+from+want+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
		got = want
	}
	if got != want {
		t.Errorf("%s lists\n%s\nthe code has\n%s\nrun go test ./internal/render -run %s -update", page, got, want, t.Name())
	}
}

func documentedNames() string {
	parameters := map[string]string{}
	for name, f := range filters {
		parameters[name] = f.parameters
	}
	var text strings.Builder
	text.WriteString("\nA value goes through a filter as `{{ name | upper }}`, and is tested as `{% if name is defined %}`. In brackets stand the parameters;\n" +
		"one with `=` may be left out, `*` stands for any number of values and `**` for any number of named ones.\n\nFilters: ")
	text.WriteString(signatures(parameters))
	text.WriteString(".\n\nTests: ")
	parameters = map[string]string{}
	for name, test := range tests {
		parameters[name] = test.parameters
	}
	text.WriteString(signatures(parameters))
	text.WriteString(".\n")
	return text.String()
}

// signatures are names with their parameters, by name.
func signatures(parameters map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		signature := name
		if of := strings.Fields(strings.ReplaceAll(parameters[name], "/", " ")); len(of) > 0 {
			signature += "(" + strings.Join(of, ", ") + ")"
		}
		all = append(all, "`"+signature+"`")
	}
	return strings.Join(all, ", ")
}
