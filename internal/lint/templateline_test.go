package lint_test

import (
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// TestTemplateLines: what is wrong with what a template gives stands at the line of the
// template that gave it, as near as its text tells.
func TestTemplateLines(t *testing.T) {
	const head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n"
	for name, c := range map[string]struct {
		template string
		want     int
	}{
		"a value":              {head + "  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'c:1'}]}}\n  replicas: {{ r }}\n", 7},
		"after a comment":      {"{# first #}\n{% set x = 1 %}\n" + head + "  replicas: {{ r }}\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'c:1'}]}}\n", 7},
		"of a second document": {strings.Replace(head, "name: a", "name: z", 1) + "  replicas: 1\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'c:1'}]}}\n---\n" + head + "  replicas: {{ r }}\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'c:1'}]}}\n", 13},
		"of a loop":            {head + "{% for i in [1] %}\n  replicas: {{ r }}\n{% endfor %}\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'c:1'}]}}\n", 6},
		"of no line":           {"{{ all }}\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			k := pony(t, map[string]string{"a.yaml.tmpl": c.template})
			k.Files = append(k.Files, kube.File{Path: "values.yaml", Data: []byte("r: two\nall: |\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a, label: {}}\n")})
			_, ps := lint.Kube(t.Context(), k)
			errs := ps.Errors()
			if len(errs) != 1 || errs[0].Line != c.want || !strings.Contains(errs[0].Message, " of what it gives: ") {
				t.Errorf("got %v, want one at line %d", errs, c.want)
			}
		})
	}
}

// TestManyTemplateLines: many faults of one template are found in about as many steps.
func TestManyTemplateLines(t *testing.T) {
	const n = 2_000
	k := pony(t, map[string]string{"a.yaml.tmpl": strings.Repeat("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: 'c:1'}], x: 1}\n---\n", n)})
	_, ps := lint.Kube(t.Context(), k)
	last := 0
	for _, p := range ps.Errors() {
		last = max(last, p.Line)
	}
	if len(ps.Errors()) < n || last != 5*n-1 {
		t.Errorf("%d faults, the last at line %d", len(ps.Errors()), last)
	}
}
