package internal

import (
	"os"
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
		var got []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z]+)` \\|").FindAllStringSubmatch(section, -1) {
			got = append(got, m[1])
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("docs/repository.md, %s: lists %v, the code reads %v", file, got, want)
		}
	}
}
