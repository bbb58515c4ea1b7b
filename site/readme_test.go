package site_test

import (
	"strings"
	"testing"
)

// A README does not say its Kube's name again, its blocks of code have colours, its
// headings go down one level at a time, and none is empty.
func TestReadme(t *testing.T) {
	packages := t.TempDir()
	write(t, packages, "pony/K3.yaml", "name: pony\nversion: 1.0.0\ndescription: a pony\n")
	write(t, packages, "pony/manifests/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
	write(t, packages, "pony/README.md", "# Pony\n\n#### Deep\n\n## <b></b>\n\n```yaml\na: true # why\n```\n\n```nosuch\nb: <i>\n```\n\n| | x |\n|---|---|\n| 1 | 2 |\n")
	r := publish(t, packages)
	pages := r.draw()
	check(t, r.dir, pages)
	_, page, _ := strings.Cut(string(pages["pages/pony/index.html"]), `id="readme"`)
	page, _, _ = strings.Cut(page, "</section>")
	for text, want := range map[string]bool{
		`<h2 id="readme-deep">Deep</h2>`: true,
		`<span class="nt">a</span>`:      true,
		`<span class="c"># why`:          true,
		`tabindex="0">b: &lt;i&gt;`:      true,
		"readme-pony":                    false,
		"<th></th>":                      false,
		"></h2>":                         false,
	} {
		if strings.Contains(page, text) != want {
			t.Errorf("%q in the README: %v\n%s", text, !want, page)
		}
	}
}
