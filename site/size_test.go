package site_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
)

// Each page is at most 100 KB, whatever an author writes: a Kube with as much of
// everything as a Kube may have, and lists that are longer than a page.
func TestLargeKube(t *testing.T) {
	packages := t.TempDir()
	var values, schema, objects, meta, readme strings.Builder
	schema.WriteString(`{"properties":{"z":{}`)
	for i := range 1200 {
		fmt.Fprintf(&values, "value%d: %q\n", i, strings.Repeat("'&", 200))
		fmt.Fprintf(&schema, `,"value%d":{"description":%q}`, i, strings.Repeat("<b> ", 150))
	}
	schema.WriteString("}}")
	for i := range 700 {
		fmt.Fprintf(&readme, "## part %d\n\n```yaml\na: [1, 2, \"%s\"]\n```\n\n", i, strings.Repeat("<>", 40))
	}
	for i := range 250 {
		fmt.Fprintf(&objects, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: role-%d}\nrules: [{apiGroups: [\"\"], resources: [r%d], verbs: [get]}]\n", i, i)
	}
	fmt.Fprintf(&meta, "name: large\nversion: 1.0.0\ndescription: %q\ndetails: %q\nkeywords: [", strings.Repeat("<d>", 330), strings.Repeat("\"&", 1500))
	for i := range 300 {
		fmt.Fprintf(&meta, "word%d, ", i)
	}
	meta.WriteString("z]\nmaintainers: [")
	for i := range 100 {
		fmt.Fprintf(&meta, "'A <b%d@example.org>', ", i)
	}
	meta.WriteString("'Z <z@example.org>']\ndependencies: [")
	for i := range 150 {
		fmt.Fprintf(&meta, "{name: base-%d}, ", i)
		write(t, packages, fmt.Sprintf("base-%d/K3.yaml", i), fmt.Sprintf("name: base-%d\nversion: 1.0.0\ndescription: b\n", i))
		write(t, packages, fmt.Sprintf("base-%d/manifests/a.yaml", i), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	}
	write(t, packages, "base/K3.yaml", "name: base\nversion: 1.0.0\ndescription: b\n")
	write(t, packages, "base/manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	meta.WriteString("{name: base}]\nimages: [")
	for i := range 100 {
		fmt.Fprintf(&meta, "'registry.example.org/team/image-%d:1.0', ", i)
	}
	meta.WriteString("'i:1']\n")
	const small = "name: large\nversion: 1.0.0\ndescription: It begins small\n"
	write(t, packages, "large/K3.yaml", small)
	write(t, packages, "large/manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	r := publish(t, packages)
	for i := range 12 {
		write(t, packages, "large/K3.yaml", strings.Replace(small, "1.0.0", fmt.Sprintf("1.%d.0", i+1), 1))
		r.build(indexer.Options{})
	}
	for at, text := range map[string]string{
		"large/K3.yaml": strings.Replace(meta.String(), "1.0.0", "1.13.0", 1), "large/README.md": readme.String(), "large/manifests/a.yaml": objects.String(), "large/manifests/b.yaml.tmpl": "",
		"large/values.yaml": values.String(), "large/values.schema.json": schema.String(),
	} {
		write(t, packages, at, text)
	}
	r.build(indexer.Options{})
	longLists(t, packages)
	write(t, packages, "large/manifests/a.yaml", strings.ReplaceAll(objects.String(), "role-", "another-role-"))
	edit(t, packages, "large/K3.yaml", "version: 1.13.0", "version: 1.14.0")
	r.build(indexer.Options{})
	pages := r.draw()
	check(t, r.dir, pages)
	for at, texts := range map[string][]string{
		"pages/large/index.html":                    {"The README goes on: <a href=\"../../pages/large/files/1.14.0.html#file-", "All 1000 changes", "All 15 versions", "All 400 Kubes that need it", "all 101</a>", "K3.yaml names all 151."},
		"pages/large/dependents/index.html":         {"1–200 of 400", "need-0<"},
		"pages/large/dependents/2.html":             {"201–400 of 400"},
		"pages/large/versions/index.html":           {">1.0.0<", ">1.14.0<"},
		"pages/large/changes/1.14.0/index.html":     {"another-role-0<", "of 1000"},
		"pages/large/values/1.14.0/index.html":      {"value0<", "of 1000"},
		"pages/large/contents/1.14.0/index.html":    {"some-file-with-a-long-name-0.txt"},
		"pages/large/images/1.14.0/index.html":      {"registry.example.org/team/image-0:1.0"},
		"pages/large/permissions/1.14.0/index.html": {"1–200 of 500"},
		"keywords/need/index.html":                  {"of 400"},
		"pages/large/permissions/1.14.0/3.html":     {"401–500 of 500"},
		"assets/search/names.js":                    {"need-399"},
		"pages/large/files/1.14.0.html":             {"more/some-file-with-a-long-name-199.txt"},
	} {
		for _, text := range texts {
			if !strings.Contains(string(pages[at]), text) {
				t.Errorf("%s (%d bytes) has no %q", at, len(pages[at]), text)
			}
		}
	}
}

// longLists writes Kubes that all need one, and many files.
func longLists(t *testing.T, packages string) {
	t.Helper()
	for i := range 400 {
		if i < 220 {
			write(t, packages, fmt.Sprintf("large/more/some-file-with-a-long-name-%d.txt", i), "x")
		}
		write(t, packages, fmt.Sprintf("need-%d/K3.yaml", i), fmt.Sprintf("name: need-%d\nversion: 1.0.0\ndescription: %q\nkeywords: [need]\nlicense: MIT\ndependencies: [{name: large}]\n", i, strings.Repeat("説明", 160)))
		write(t, packages, fmt.Sprintf("need-%d/manifests/a.yaml", i), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	}
}
