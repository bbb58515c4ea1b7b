package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/lint"
)

const widgets = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.org}\nspec:\n  group: example.org\n  scope: Namespaced\n" +
	"  names: {plural: widgets, kind: Widget}\n  versions:\n  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {%s}}}}\n" +
	"---\napiVersion: example.org/v1\nkind: Widget\nmetadata: {name: a}\n%s"

// many is a text for each of n numbers.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// TestManyOfAKind: twice as much takes about twice the work, counted in what it allocates.
func TestManyOfAKind(t *testing.T) {
	for name, text := range map[string]func(n int) string{
		"Services": func(n int) string {
			return many(n, "apiVersion: v1\nkind: Service\nmetadata: {name: s#}\nspec: {selector: {app: a#}, ports: [{port: 80}]}\n---\n"+
				"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d#}\nspec: {selector: {matchLabels: {app: a#}}, template: {metadata: {labels: {app: a#}}, spec: {containers: [{name: a, image: 'a:1'}]}}}\n---\n")
		},
		"Services of one label": func(n int) string {
			return many(n, "apiVersion: v1\nkind: Service\nmetadata: {name: s#}\nspec: {selector: {app: a}, ports: [{port: 80, targetPort: p#}]}\n---\n"+
				"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d#}\nspec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: 'a:1', ports: [{containerPort: 80, name: p#}]}]}}}\n---\n")
		},
		"profiles": func(n int) string {
			return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n" + many(n, "    container.apparmor.security.beta.kubernetes.io/c#: unconfined\n") +
				"spec:\n  containers:\n" + many(n, "  - {name: c#, image: 'a:1'}\n")
		},
		"words": func(n int) string {
			return fmt.Sprintf(widgets, "l: {type: array, items: {type: string, enum: ["+many(n, "w#, ")+"]}}", "l: ["+many(n, "w#, ")+"]\n")
		},
		"numbers": func(n int) string {
			return fmt.Sprintf(widgets, "l: {type: array, items: {type: integer, enum: ["+many(n, "#, ")+"]}}", "l: ["+many(n, "#, ")+"]\n")
		},
	} {
		count := func(n int) float64 {
			k := pony(t, map[string]string{"a.yaml": text(n)})
			return testing.AllocsPerRun(1, func() {
				if _, ps := lint.Kube(t.Context(), k); ps.Err() != nil {
					t.Fatal(ps.Err())
				}
			})
		}
		if few, twice := count(200), count(400); twice > 2.4*few {
			t.Errorf("%s: %.0f allocations, and %.0f for twice as much", name, few, twice)
		}
	}
}

// TestManyUnknownFields: what is meant by a field that is none is said of some.
func TestManyUnknownFields(t *testing.T) {
	for name, text := range map[string]string{
		"native": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + many(300, "dato#: 1\n"),
		"custom": fmt.Sprintf(widgets, many(300, "p#: {type: string}, "), many(300, "q#: x\n")),
	} {
		_, ps := lint.Kube(t.Context(), pony(t, map[string]string{"a.yaml": text}))
		if n := strings.Count(ps.Error(), "; the nearest is "); len(ps.Errors()) != 300 || n == 0 || n > 50 {
			t.Errorf("%s: %d faults, %d of them with what is meant", name, len(ps.Errors()), n)
		}
	}
}

// TestFormsOfForms: forms of a definition that are inside each other are tried once.
func TestFormsOfForms(t *testing.T) {
	schema := "{minimum: 5}"
	for range 60 {
		schema = "{anyOf: [" + schema + "]}"
	}
	_, ps := lint.Kube(t.Context(), pony(t, map[string]string{"a.yaml": fmt.Sprintf(widgets, "num: {type: integer, anyOf: ["+schema+"]}", "num: 1\n")}))
	if want := "manifests/a.yaml:14: Widget a: num is 1, and has to be at least 5"; !strings.Contains(ps.Error(), want) {
		t.Errorf("got %q, want %q", ps.Error(), want)
	}
}

// TestManyMissing: of many fields that a definition requires, some are told by name.
func TestManyMissing(t *testing.T) {
	text := fmt.Sprintf(widgets, "o: {type: object, required: ["+many(300, "p#, ")+"]}", "o: {}\n")
	_, ps := lint.Kube(t.Context(), pony(t, map[string]string{"a.yaml": text}))
	if want := "o lacks 250 more fields that its definition requires"; len(ps.Errors()) != 51 || !strings.Contains(ps.Error(), want) {
		t.Errorf("got %d faults, want 51, one of them %q", len(ps.Errors()), want)
	}
}
