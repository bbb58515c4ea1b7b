package internal

import (
	"go/types"
	"os"
	"path/filepath"
	"reflect"
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

// reported are the types whose fields the tables of docs/report.md list, by heading.
var reported = map[string][]string{
	"":                                     {"client.Report"},
	"Objects that are not ready":           {"internal/cluster/ready.Blocked", "internal/cluster/ready.Container"},
	"Plan":                                 {"internal/cluster/plan.Plan"},
	"Entries":                              {"internal/cluster/plan.Entry"},
	"Changes":                              {"internal/cluster/plan.Change"},
	"Refusals":                             {"internal/cluster/plan.Refusal"},
	"Permissions, volumes and definitions": {"internal/cluster/plan.Note"},
	"Claims that are found":                {"internal/cluster/plan.Found"},
	"Status":                               {"client.Status"},
	"Revisions":                            {"internal/cluster/history.Revision"},
	"List":                                 {"cmd/kpm.installed"},
	"Outdated":                             {"cmd/kpm.stale"},
	"Recalls":                              {"client/repos.Recall"},
	"Repositories":                         {"cmd/kpm.repoView"},
	"Dependencies":                         {"client/solve.Dependency"},
	"Verify":                               {"cmd/kpm.verified"},
	"Doctor":                               {"client/repos.Finding"},
	"Info":                                 {"cmd/kpm.infoView"},
}

// mentioned are the types whose fields the text of docs/report.md names without a table of their own.
var mentioned = []string{
	"client.reported", "client.reportSeconds", "client.objectStatus", "client.Tested", "internal/cluster/ready.Image", "internal/cluster/ready.Waiting",
	"internal/cluster/api.Installation", "internal/cluster/history.Holder", "client/repos.Signer", "client/repos.Consent", "client/workcopy.Copy", "internal/index.Image", "internal/index.Dependency",
}

// docs/report.md lists the fields of what -o json prints, and no others: they may be added, and none changes.
func TestDocumentedReports(t *testing.T) {
	text, err := os.ReadFile("../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	sections := map[string]string{}
	for part := range strings.SplitSeq("\n"+page, "\n## ") {
		for section := range strings.SplitSeq(part, "\n### ") {
			heading, body, _ := strings.Cut(section, "\n")
			if strings.Contains(heading, "# Reports") {
				heading = ""
			}
			sections[heading] = body
		}
	}
	for heading, names := range reported {
		var got, want []string
		for _, cell := range firsts("(?m)^\\| (`[^|]*) \\|", sections[heading]) {
			got = append(got, firsts("`([a-zA-Z0-9]+)`", cell)...)
		}
		for _, name := range names {
			want = append(want, jsonNames(t, name)...)
		}
		slices.Sort(got)
		slices.Sort(want)
		if got, want := slices.Compact(got), slices.Compact(want); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("docs/report.md, %q: lists %v, %v has %v", heading, got, names, want)
		}
	}
	for _, name := range mentioned {
		for _, field := range jsonNames(t, name) {
			if !strings.Contains(page, "`"+field+"`") {
				t.Errorf("docs/report.md does not name `%s` of %s", field, name)
			}
		}
	}
}

// jsonNames are the names of the fields of package.Type as JSON has them, with those of what is embedded.
func jsonNames(t *testing.T, name string) []string {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	dot := strings.LastIndex(name, ".")
	for _, s := range all {
		if s.name != name[:dot] {
			continue
		}
		if obj := s.built.Types.Scope().Lookup(name[dot+1:]); obj != nil {
			return jsonFields(obj.Type())
		}
	}
	t.Fatalf("there is no type %s", name)
	return nil
}

func jsonFields(typ types.Type) []string {
	var names []string
	of, ok := typ.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i := range of.NumFields() {
		name, _, _ := strings.Cut(reflect.StructTag(of.Tag(i)).Get("json"), ",")
		switch {
		case name != "" && name != "-":
			names = append(names, name)
		case name == "" && of.Field(i).Embedded():
			names = append(names, jsonFields(of.Field(i).Type())...)
		}
	}
	return names
}

// docs/architecture.md has a row for each package that is shipped, and for no other.
func TestDocumentedPackages(t *testing.T) {
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, cell := range firsts("(?m)^\\| (`[^|]*) \\|", string(text)) {
		above := ""
		for _, name := range firsts("`([^`]+)`", cell) {
			if floor(name) < 0 && above != "" {
				name = above + "/" + name // `internal/python`, and `letters` in it
			} else {
				above = name
			}
			got = append(got, name)
		}
	}
	for _, names := range floors {
		for _, name := range names {
			if !slices.Contains(testOnly, name) {
				want = append(want, name)
			}
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("docs/architecture.md has a row for %s, which is no package that is shipped", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("docs/architecture.md has no row for %s", name)
		}
	}
}
