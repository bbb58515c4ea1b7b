package internal

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// docs/repository.md lists the keys that the readers of these files know, and no others.
func TestDocumentedKeys(t *testing.T) {
	page, err := os.ReadFile("../docs/repository.md")
	if err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`(?m)^\t*"([a-zA-Z]+)":`)
	for file, source := range map[string]struct{ path, from, to string }{
		"K3.yaml":             {"kube/parse.go", "return fields{", "\n\t}\n"},
		"releases.yaml":       {"kube/releases.go", "fields{", "\n\t})"},
		"kpm-repository.yaml": {"../indexer/config.go", "type Config struct", "\n}"},
	} {
		code, err := os.ReadFile(source.path)
		if err != nil {
			t.Fatal(err)
		}
		_, text, ok := strings.Cut(string(code), source.from)
		if !ok {
			t.Fatalf("%s has no %q: the test looks in the wrong place", source.path, source.from)
		}
		text, _, _ = strings.Cut(text, source.to)
		form := known
		if strings.HasPrefix(source.from, "type") {
			form = regexp.MustCompile("`yaml:\"([a-zA-Z]+)\"`")
		}
		var want []string
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			want = append(want, m[1])
		}
		_, section, _ := strings.Cut(string(page), "## "+file+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		got := firsts("(?m)^\\| `([a-zA-Z]+)` \\|", section)
		slices.Sort(want)
		slices.Sort(got)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("docs/repository.md, %s: lists %v, the code reads %v", file, got, want)
		}
	}
}

// docs/environment.md lists the variables that kpm env prints, and no others.
func TestDocumentedVariables(t *testing.T) {
	page, err := os.ReadFile("../docs/environment.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("../cmd/kpm/env.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(code), "var variables = []string{")
	list, _, _ = strings.Cut(list, "\n}")
	got := firsts("(?m)^\\| `([A-Z_]+)` \\|", string(page))
	if want := firsts(`"([A-Z_]+)"`, list); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("docs/environment.md lists %v, kpm env prints %v", got, want)
	}
}

// docs/templates.md names the filters that Jinja has not, and each is one.
func TestDocumentedFilters(t *testing.T) {
	page, err := os.ReadFile("../docs/templates.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(page), "Besides Jinja's filters there are ")
	list, _, _ = strings.Cut(list, ".\n")
	code, err := os.ReadFile("render/kubefilters.go")
	if err != nil {
		t.Fatal(err)
	}
	got, want := firsts("`([a-z0-9_]+)", list), firsts(`(?m)^\t"([a-z0-9_]+)": `, string(code))
	slices.Sort(got)
	slices.Sort(want)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("docs/templates.md names %v, the code has %v", got, want)
	}
}

// firsts are what the first group of a pattern matches, in order.
func firsts(pattern, text string) []string {
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// Every flag of ours that a guide names is one: docs/commands.md and
// docs/indexer-commands.md, which are made from the grammars, have it.
func TestDocumentedFlags(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"--help": true}
	for _, page := range []string{"../docs/commands.md", "../docs/indexer-commands.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range firsts("(?m)^\\| `(?:-[a-zA-Z], )?(--[a-z0-9-]+)", string(text)) {
			known[flag] = true
		}
	}
	command := regexp.MustCompile("(?:`|(?m:^) {4,}\\$? ?)(kpm(?:-indexer)? [^`\n]*)")
	flag := regexp.MustCompile(`(?:^| )(--[a-z0-9-]+)`)
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range command.FindAllStringSubmatch(string(text), -1) {
			typed, _, _ := strings.Cut(c[1], " #")
			for _, f := range flag.FindAllStringSubmatch(typed, -1) {
				if !known[f[1]] {
					t.Errorf("%s: %s: there is no flag %s", page, c[1], f[1])
				}
			}
		}
	}
}
