package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// fuzzValues are what fuzzed templates see.
var fuzzValues = render.Values{
	"a": 7, "b": 0, "f": 2.5, "s": "wöb", "t": true, "n": nil,
	"l": []any{3, 1, "x"}, "m": render.Values{"x": 1, "y": render.Values{"z": "t"}}, "e": render.Values{},
}

// FuzzSource looks for texts that make the engine panic, hang or take too much.
// What is wrong with a text has to come back as a problem of its file.
func FuzzSource(f *testing.F) {
	for name, text := range hostile {
		if !strings.HasSuffix(name, "loops") && len(text) < 4<<10 {
			f.Add(text)
		}
	}
	f.Add(`{% macro f(x, y=1) %}{{ x ~ y }}{{ caller() }}{% endmacro %}{% call f(2) %}{{ a }}{% endcall %}`)
	f.Add(`{% for k, v in m if v %}{{ loop.index }}{{ k }}{% else %}-{% endfor %}{{ l[1:]|join(',')|upper }}`)
	f.Add(`{% set ns = namespace(x=1) %}{% set ns.x = [ns.x, {'a': 1}] %}{{ ns.x|tojson }}{{ '%05.1f' % f }}`)
	f.Add(`{% block b %}{{ self.b is defined }}{% endblock %}{% raw %}{{ x }}{% endraw %}{# c #}{{ "{:>5}".format(a) }}`)
	f.Add("{%\uFFFD2.\u7980")
	f.Add("{{ 2.\u7980 }}")
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lenient := range []bool{false, true} {
			_, err := render.Source(t.Context(), "x.yaml.tmpl", text, fuzzValues, render.Options{Lenient: lenient})
			var ps kube.Problems
			if err != nil && (!errors.As(err, &ps) || len(ps) == 0 || ps[0].Path != "x.yaml.tmpl") {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

// FuzzValues merges what files and flags may say, and validates it.
func FuzzValues(f *testing.F) {
	f.Add("a: {b: [1, {c: x}]}\nd: &x [1]\ne: *x\n", "a.b[1].c=2", `{"properties": {"a": {"type": "object"}}}`)
	f.Add("a: null\n", `a\.b[0]=x`, `{"additionalProperties": false, "required": ["b"]}`)
	f.Add("? [a]\n: !!binary eA==\n", "a=[", `{"$ref": "#/properties/a"}`)
	f.Fuzz(func(t *testing.T, text, expr, schema string) {
		file, err := render.ParseValues("v.yaml", []byte(text))
		var ps kube.Problems
		if err != nil && !errors.As(err, &ps) {
			t.Errorf("%q: %v", text, err)
		}
		flag, err := render.ParseSet(expr)
		if err == nil && len(flag.Values) != 1 {
			t.Errorf("%q sets %v", expr, flag.Values)
		}
		k := &kube.Kube{Files: []kube.File{{Path: kube.SchemaPath, Data: []byte(schema)}}}
		_ = render.Validate(k, file, flag)
		before := render.Merge(file)
		render.Overrides(render.Values{}, file, flag)
		render.Merge(file, flag)
		if diff := cmp.Diff(before, render.Merge(file), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%q %q change a layer: %s", text, expr, diff)
		}
	})
}

// seeds are the templates that TestRecorded holds against Python's answers.
func seeds(f *testing.F) []string {
	data, err := os.ReadFile(filepath.Join("testdata", "generated.json"))
	if err != nil {
		f.Fatal(err)
	}
	var out []string
	for line := range bytes.Lines(data) {
		var c struct{ Template string }
		if err := json.Unmarshal(line, &c); err != nil {
			f.Fatal(err)
		}
		out = append(out, c.Template)
	}
	return out
}
